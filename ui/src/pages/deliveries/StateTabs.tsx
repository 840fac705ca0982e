import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { askWith } from "@/api/ask";
import type { Schema } from "@/api/client";
import type { Filters } from "@/components/filters";
import { formatNumber } from "@/format/locale";
import { selectionOf } from "../replays/selection";
import classes from "@/components/list/Tabs.module.css";
import { tabOf, tabs } from "./tabs";

export type Counts = Pick<Schema<"ReplayPreview">, "by_state" | "by_answer">;

/**
 * How many deliveries the other filters leave in the states that are not over, and how their latest attempts failed. Delivered ones are
 * too many to count each time, and what is searched for is soon seen.
 */
export function useCounts(filters: Filters, without?: "answer"): Counts | undefined {
  const selection = selectionOf((name) => (name === "state" || name === without ? null : filters.get(name)));
  const counts = useQuery({
    ...askWith("/api/admin/replays/preview", { selection: selection ?? {} }),
    enabled: selection !== null && !filters.get("search"),
    placeholderData: keepPreviousData,
    refetchInterval: 10_000,
  }).data;
  return filters.get("search") ? undefined : counts;
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
            <span className={classes.count}>
              {formatNumber(t.counts.reduce((sum, s) => sum + counts.by_state[s], 0))}
            </span>
          )}
        </Link>
      ))}
    </nav>
  );
}
