import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";

/** The routes, in the order in which they are asked. */
export function useRoutes() {
  return useQuery({
    ...ask("/api/admin/routes"),
    select: (answer) => answer.routes,
  });
}
