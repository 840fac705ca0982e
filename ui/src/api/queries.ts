import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./client";

/** Under which the identity of whoever is logged in is kept. */
export const meKey = ["/api/admin/me"] as const;

/**
 * Makes the cache of the console. A session that ended anywhere in it brings the login page: the identity
 * is read again, and the guard around the pages sees that there is none.
 */
export function newQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ProblemError && (error.code === "no_session" || error.code === "password_change_required")) {
      void client.invalidateQueries({ queryKey: meKey });
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (query.queryKey[0] !== meKey[0]) onError(error);
      },
    }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && isPassing(error),
        refetchOnWindowFocus: true,
      },
    },
  });
  return client;
}

/** Whether the same request may go well in a moment: refusals will not. */
function isPassing(error: Error): boolean {
  return !(error instanceof ProblemError) || error.problem.status === 0 || error.problem.status >= 500;
}
