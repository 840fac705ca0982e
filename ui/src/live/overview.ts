import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { zone } from "@/format/time";
import { useLive } from "./LiveProvider";

type Overview = Schema<"Overview">;

/** The overview as it stands; later ones come by the live line. */
export const overviewQuery = ask("/api/admin/overview", { query: { tz: zone } });

// Some proxies hold server-sent events back. While the line brings nothing, the overview is asked for.
const askEvery = 5_000;

/** The newest overview there is: pushed by the live line or, while that is not open, asked for every few seconds. */
export function useOverview(): {
  overview: Overview | undefined;
  error: Error | null;
  line: "connecting" | "open" | "lost";
  heardAt: number;
} {
  const { overview: pushed, line, heardAt } = useLive();
  const asked = useQuery({ ...overviewQuery, enabled: line !== "open", refetchInterval: askEvery });
  const newest = newer(pushed, asked.data);
  return {
    overview: newest,
    error: newest ? null : asked.error,
    line,
    heardAt: Math.max(heardAt, asked.dataUpdatedAt),
  };
}

function newer(a: Overview | null, b: Overview | undefined): Overview | undefined {
  if (!a || !b) return a ?? b;
  return a.at >= b.at ? a : b;
}

/** How many of today's calls are over. */
export function endedOf(today: Schema<"TodayCounts">): number {
  return today.answered + today.not_answered + today.failed;
}
