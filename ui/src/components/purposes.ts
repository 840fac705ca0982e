import type { Schema } from "@/api/client";

export type Purpose = Schema<"Purpose">;

/** Why customers are called, from the purpose with most rights to the one with fewest. */
export const purposes: { value: Purpose; label: string; description: string }[] = [
  { value: "service", label: "Service", description: "an answer to the customer's own request" },
  { value: "transactional", label: "Transactional", description: "about something bought or owed" },
  { value: "promotional", label: "Promotional", description: "to sell" },
];

/** Writes some of the purposes: "service and promotional calls"; none and all are "all calls". */
export function purposesWords(some: readonly Purpose[]): string {
  const chosen = purposes.filter((p) => some.includes(p.value)).map((p) => p.value);
  if (chosen.length === 0 || chosen.length === purposes.length) return "all calls";
  return `${chosen.join(" and ")} calls`;
}
