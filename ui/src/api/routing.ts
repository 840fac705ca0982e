import { useQuery } from "@tanstack/react-query";
import { api, read } from "./client";

/** The routes, in the order in which they are asked. */
export function useRoutes() {
  return useQuery({
    queryKey: ["routes"],
    queryFn: async () => (await read(api.GET("/api/admin/routes"))).routes,
  });
}
