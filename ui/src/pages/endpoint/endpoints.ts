import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import type { State } from "@/components/Status";

type Endpoint = Schema<"Endpoint">;

/** Where outcomes are delivered to: one place, or none before its URL is set. */
export function useEndpoints() {
  return useQuery({
    ...ask("/api/admin/endpoints"),
    select: (answer) => answer.endpoints,
    refetchInterval: 15_000,
  });
}

/** How an endpoint does, in one word and colour. */
export function lookOf(e: Endpoint): { state: State; word: string } {
  if (e.state === "paused") return { state: "disabled", word: "Paused" };
  switch (e.health.state) {
    case "open":
      return { state: "open", word: "On hold" };
    case "failing":
      return { state: "failing", word: "Failing" };
    default:
      return { state: "ok", word: "Working" };
  }
}
