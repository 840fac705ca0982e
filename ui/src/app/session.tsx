import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, type ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { api, ProblemError, read, type Schema } from "@/api/client";
import { meKey } from "@/api/queries";
import { path } from "@/app/base";
import { ProblemPage } from "@/components/ProblemAlert";

type Role = Schema<"Role">;

const Me = createContext<Schema<"Me"> | null>(null);
const ranks: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Reads who is logged in; null when nobody is. */
export const meQuery = queryOptions({
  queryKey: meKey,
  staleTime: 60_000,
  queryFn: async () => {
    try {
      return await read(api.GET("/api/admin/me"));
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 401) return null;
      throw error;
    }
  },
});

/** Lets only people with a session in, and sends those who must change their password to do so. */
export function Guard({ children }: { children: ReactNode }) {
  const me = useQuery(meQuery);
  const location = useLocation();
  if (me.isError && !me.data) return <ProblemPage error={me.error} retry={() => void me.refetch()} />;
  if (me.isPending) return null;
  const here = location.pathname + location.search;
  if (!me.data) {
    return <Navigate to={here === "/" ? "/login" : `/login?next=${encodeURIComponent(here)}`} replace />;
  }
  if (me.data.user.must_change_password && location.pathname !== "/password")
    return <Navigate to="/password" replace />;
  return <Me value={me.data}>{children}</Me>;
}

/** Who is logged in. For pages inside Guard. */
export function useMe(): Schema<"Me"> {
  const me = use(Me);
  if (!me) throw new Error("useMe is for pages inside Guard");
  return me;
}

/** Whether the person may do what needs this role. The server decides; this only hides what it would refuse. */
export function useMay(role: Role): boolean {
  return ranks[useMe().user.role] >= ranks[role];
}

/** Ends the session and forgets everything that was read in it. */
export function useLogOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await api.POST("/api/admin/logout");
    client.clear();
    window.location.assign(`${path}/login`);
  };
}
