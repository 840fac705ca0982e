import { useQuery } from "@tanstack/react-query";
import { api, read } from "@/api/client";

/** The do-not-call lists and their newest imports; read each second while one is under way. */
export function useDoNotCall() {
  return useQuery({
    queryKey: ["do-not-call"],
    queryFn: () => read(api.GET("/api/admin/do-not-call")),
    refetchInterval: ({ state }) => (state.data?.imports.some((i) => i.state === "running") ? 1_000 : false),
  });
}
