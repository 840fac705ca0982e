import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";

/** LiveKit's own outbound trunks, asked of LiveKit now. */
export function useLiveKitTrunks() {
  return useQuery({
    ...ask("/api/admin/trunks/livekit"),
    select: (answer) => answer.trunks,
    staleTime: 30_000,
    retry: false,
  });
}
