import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";

/** Our trunks in their order. */
export function useTrunks() {
  return useQuery({
    ...ask("/api/admin/trunks"),
    select: (answer) => answer.trunks,
    staleTime: 30_000,
  });
}
