import { useQuery } from "@tanstack/react-query";
import { api, read } from "./client";

/** Our trunks in their order. */
export function useTrunks() {
  return useQuery({
    queryKey: ["trunks"],
    queryFn: async () => (await read(api.GET("/api/admin/trunks"))).trunks,
    staleTime: 30_000,
  });
}
