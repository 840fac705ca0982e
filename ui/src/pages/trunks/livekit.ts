import { useQuery } from "@tanstack/react-query";
import { api, read } from "@/api/client";

/** LiveKit's own outbound trunks, asked of LiveKit now. */
export function useLiveKitTrunks() {
  return useQuery({
    queryKey: ["livekit-trunks"],
    queryFn: async () => (await read(api.GET("/api/admin/trunks/livekit"))).trunks,
    staleTime: 30_000,
    retry: false,
  });
}
