import type { Schema } from "@/api/client";
import { wordOf } from "@/components/Status";

type State = Schema<"DeliverySummary">["state"];

/** The tabs over the list: a state in the address, and the states of which its count is made. */
export const tabs: { value: string; label: string; counts: State[] }[] = [
  { value: "", label: "All", counts: [] },
  { value: "waiting", label: "Waiting", counts: ["pending", "parked"] },
  { value: "dead", label: wordOf("dead"), counts: ["dead"] },
  { value: "delivered", label: wordOf("delivered"), counts: [] },
];

/** The tab of a state in the address; links from elsewhere name pending and parked too. */
export function tabOf(state: string | null): string {
  if (state === "pending" || state === "parked") return "waiting";
  return tabs.some((t) => t.value === state) ? (state ?? "") : "";
}
