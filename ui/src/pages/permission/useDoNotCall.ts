import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";

/** The do-not-call lists and their newest imports; read each second while one is under way. */
export function useDoNotCall() {
  return useQuery({
    ...ask("/api/admin/do-not-call"),
    refetchInterval: ({ state }) => (state.data?.imports.some((i) => i.state === "running") ? 1_000 : false),
  });
}
