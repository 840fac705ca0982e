import { queryOptions } from "@tanstack/react-query";
import { api, read, type Schema } from "@/api/client";
import { zone } from "@/format/time";

/** The overview as it stands; later ones come by the live line. */
export const overviewQuery = queryOptions({
  queryKey: ["overview"],
  queryFn: () => read(api.GET("/api/admin/overview", { params: { query: { tz: zone } } })),
});

/** The calls that ended last, read again when the number of today's says that one more has ended. */
export function latestCallsQuery(ended: number | undefined) {
  return queryOptions({
    queryKey: ["calls", "latest", ended],
    enabled: ended !== undefined,
    queryFn: () => read(api.GET("/api/admin/calls", { params: { query: { status: "ended", limit: 8 } } })),
  });
}

/** How many of today's calls are over. */
export function endedOf(today: Schema<"TodayCounts">): number {
  return today.answered + today.not_answered + today.failed;
}
