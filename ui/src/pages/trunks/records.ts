import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import { zone } from "@/format/time";

/** How each trunk does: its last 20 dials, and its outcomes of today. */
export function useTrunkRecords() {
  return useQuery({
    ...ask("/api/admin/trunks/records", { query: { tz: zone } }),
    refetchInterval: 10_000,
  });
}

/** Whether the trunk itself failed a dial, and not the person who was called. */
export function isTrunkFailure(dial: { disconnect_reason: string }): boolean {
  return dial.disconnect_reason === "trunk_unavailable" || dial.disconnect_reason === "trunk_rejected";
}
