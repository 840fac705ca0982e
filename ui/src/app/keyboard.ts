import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { places } from "./places";

/** How long g waits for its letter. */
const chordTimeout = 1200;

/** The console's keys: / searches, g and a letter goes to a page, j and k walk through a list, ? shows them all. */
export function useKeyboard({ search, help }: { search: () => void; help: () => void }): void {
  const navigate = useNavigate();
  const chord = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const afterG = event.timeStamp - chord.current < chordTimeout;
      chord.current = 0;
      const place = afterG ? places.find((p) => p.key === event.key) : undefined;
      if (place) void navigate(place.path);
      else if (event.key === "g") chord.current = event.timeStamp;
      else if (event.key === "/") search();
      else if (event.key === "?") help();
      else if (event.key === "j" || event.key === "k") walk(event.key === "j" ? 1 : -1);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate, search, help]);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("[role=dialog]")) return true;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Moves the focus between the rows of the page's lists. */
function walk(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row-link]")];
  const at = rows.findIndex(
    (row) => row === document.activeElement || row.closest("tr")?.contains(document.activeElement),
  );
  const next = rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
