import { useEffect, useState } from "react";

/** Which of the headings the reader is below: the last whose top is above a third of the window. */
export function useSection(ids: string[]): string | undefined {
  const [section, setSection] = useState<string>();
  useEffect(() => {
    const look = () => {
      const line = window.innerHeight / 3;
      const above = ids.filter((id) => (document.getElementById(id)?.getBoundingClientRect().top ?? Infinity) < line);
      setSection(above.at(-1) ?? ids[0]);
    };
    look();
    window.addEventListener("scroll", look, { passive: true });
    return () => window.removeEventListener("scroll", look);
  }, [ids]);
  return section;
}

/** A page that is loaded with a # goes there once it is drawn: when the browser looked, the heading was not there yet. */
export function useHash(): void {
  useEffect(() => {
    const id = decodeURIComponent(window.location.hash.slice(1));
    if (id) document.getElementById(id)?.scrollIntoView();
  }, []);
}
