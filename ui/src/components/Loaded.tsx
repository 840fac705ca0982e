import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ProblemPage } from "./ProblemAlert";

interface Props<Data> {
  query: Pick<UseQueryResult<Data>, "data" | "error" | "refetch">;
  /** Stands there until the first answer, in the shape of what comes. */
  bones: ReactNode;
  children: (data: Data) => ReactNode;
}

/** What a page shows of one answer: its bones, the problem when there never was an answer, or the page. */
export function Loaded<Data>({ query, bones, children }: Props<Data>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <ProblemPage error={query.error} retry={() => void query.refetch()} />;
  return <>{bones}</>;
}
