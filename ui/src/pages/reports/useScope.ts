import { useMemo } from "react";
import { useNow } from "@/components/now";
import type { Scope } from "./links";
import { nameOfBefore, rangeOf } from "./range";

/** What the address asks for. It stands still until the address, or the day, is another. */
export function useScope(
  get: (name: string) => string | null,
  fixed: Pick<Scope, "trunk_id" | "agent_id"> = {},
): { scope: Scope; range: string | null; nameOfBefore: string } {
  const [since, until, range] = ["since", "until", "range"].map(get);
  const trunk = fixed.trunk_id ?? get("trunk_id") ?? undefined;
  const agent = fixed.agent_id ?? get("agent_id") ?? undefined;
  const day = useNow().toDateString();
  return useMemo(() => {
    const asked: Record<string, string | null | undefined> = { since, until, range };
    const { name, ...of } = rangeOf((n) => asked[n] ?? null, new Date(day));
    return { scope: { ...of, trunk_id: trunk, agent_id: agent }, range: name, nameOfBefore: nameOfBefore(name) };
  }, [since, until, range, trunk, agent, day]);
}
