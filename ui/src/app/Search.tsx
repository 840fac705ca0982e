import { CloseButton, Kbd, Loader, TextInput, VisuallyHidden } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState, type Ref } from "react";
import { Link, useNavigate } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { StatusBadge, stateOfCall } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { shortenMiddle } from "@/format/text";
import classes from "./Search.module.css";

type Result = Schema<"SearchResult">;

const by: Record<Result["matched"], string> = {
  call_id: "call id",
  event_id: "event id",
  case_id: "case",
  number: "number",
};

function hrefOf(result: Result): string {
  return result.kind === "delivery" && result.event_id
    ? `/deliveries/${result.event_id}`
    : `/calls/${result.call.call_id}`;
}

/** Finds by call id, event id, case id or last digits. One match: it goes straight there. */
export function Search({ inputRef }: { inputRef: Ref<HTMLInputElement> }) {
  const navigate = useNavigate();
  const [text, setText] = useState("");
  const find = useMutation({
    mutationFn: async (q: string) => (await read(api.GET("/api/admin/search", { params: { query: { q } } }))).results,
    onSuccess: (results) => {
      const only = results.length === 1 ? results[0] : undefined;
      if (only) {
        clear();
        void navigate(hrefOf(only));
      }
    },
  });
  const clear = () => {
    setText("");
    find.reset();
  };
  const outside = useClickOutside(() => find.reset());
  return (
    <search
      ref={outside}
      className={classes.search}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          clear();
          (document.activeElement as HTMLElement | null)?.blur();
        }
      }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) find.mutate(text.trim());
        }}
      >
        <TextInput
          ref={inputRef}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          size="sm"
          placeholder="Call, event or case id, last digits"
          aria-label="Search calls"
          leftSection={<IconSearch size={16} />}
          rightSection={
            find.isPending ? (
              <Loader size={14} />
            ) : text ? (
              <CloseButton size="sm" aria-label="Clear the search" onClick={clear} />
            ) : (
              <Kbd size="xs" className={classes.key}>
                /
              </Kbd>
            )
          }
        />
      </form>
      {(find.isSuccess || find.isError) && (
        <div className={classes.results} aria-live="polite">
          {find.isError && <p className={classes.none}>{find.error.message}</p>}
          {find.data?.length === 0 && (
            <p className={classes.none}>
              Nothing found. Search takes a whole call, event or case id, or the last digits of a number.
            </p>
          )}
          <ul>
            {find.data?.map((r) => (
              <li key={r.kind + r.call.call_id}>
                <Link to={hrefOf(r)} onClick={clear} className={classes.result}>
                  <StatusBadge state={stateOfCall(r.call)} quiet />
                  <span className={classes.number}>{r.call.masked_number}</span>
                  <span className={classes.about}>
                    {r.call.case_id} · {shortenMiddle(r.call.call_id)}{" "}
                    <VisuallyHidden>found by {by[r.matched]}</VisuallyHidden>
                  </span>
                  <RelativeTime at={r.call.created_at} short />
                </Link>
              </li>
            ))}
          </ul>
        </div>
      )}
    </search>
  );
}
