import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { askWith } from "@/api/ask";
import type { Schema } from "@/api/client";
import type { Filters } from "@/components/filters";
import { formatNumber } from "@/format/locale";
import { selectionOf } from "../replays/selection";
import classes from "./StateTabs.module.css";
import { tabOf, tabs } from "./tabs";

type Counts = Schema<"ReplayPreview">["by_state"];

/** How many deliveries the other filters leave in the states that are not over. Delivered ones are too many to count each time. */
export function useCounts(filters: Filters): Counts | undefined {
  const selection = selectionOf((name) => (name === "state" ? null : filters.get(name)));
  return useQuery({
    ...askWith("/api/admin/replays/preview", { selection: selection ?? {} }),
    enabled: selection !== null,
    select: (answer) => answer.by_state,
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  }).data;
}

/** The states that people look for, with how many there are. */
export function StateTabs({ filters, counts }: { filters: Filters; counts: Counts | undefined }) {
  const [params] = useSearchParams();
  const chosen = tabOf(filters.get("state"));
  const to = (state: string) => {
    const next = new URLSearchParams(params);
    next.delete("cursor");
    if (state) next.set("state", state);
    else next.delete("state");
    return { search: next.toString() };
  };
  return (
    <nav className={classes.tabs} aria-label="States">
      {tabs.map((t) => (
        <Link
          key={t.value}
          to={to(t.value)}
          replace
          preventScrollReset
          className={classes.tab}
          aria-current={t.value === chosen ? "page" : undefined}
        >
          {t.label}
          {counts && t.counts.length > 0 && (
            <span className={classes.count}>{formatNumber(t.counts.reduce((sum, s) => sum + counts[s], 0))}</span>
          )}
        </Link>
      ))}
    </nav>
  );
}
