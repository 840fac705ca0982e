import type { Schema } from "@/api/client";
import { wordOf } from "@/components/Status";
import { wordsOfAnswer } from "../deliveries/answers";
import { formatNumber } from "@/format/locale";

export type Selection = Schema<"ReplaySelection">;
type DeliveryState = Schema<"DeliverySummary">["state"];

/** The states that a replay can take up, those that it takes by itself first. */
export const replayStates = (["dead", "parked", "pending", "delivered"] satisfies DeliveryState[]).map((value) => ({
  value,
  label: wordOf(value),
}));

/** What is replayed when nobody says more: all that the CRM does not have. */
export const usualStates: DeliveryState[] = ["dead", "parked", "pending"];

/** The filters of a new replay, as they stand in the address. The list of deliveries has the same. */
export const selectionNames = ["since", "until", "state", "call_status", "trunk_id", "answer"] as const;

/** Reads states from the address, where the list of deliveries also writes `waiting` for pending and parked. */
export function statesOf(text: string | null): DeliveryState[] {
  if (!text) return usualStates;
  const named = text.split(",").flatMap((s) => (s === "waiting" ? ["pending", "parked"] : [s]));
  return replayStates.map((s) => s.value).filter((s) => named.includes(s));
}

/** What the address selects. Null when it can select nothing. */
export function selectionOf(get: (name: string) => string | null): Selection | null {
  const state = statesOf(get("state"));
  if (state.length === 0) return null;
  const callStatus = get("call_status");
  return {
    state,
    since: get("since") ?? undefined,
    until: get("until") ?? undefined,
    trunk_id: get("trunk_id") ?? undefined,
    answer: get("answer") ?? undefined,
    call_status: callStatus ? [callStatus as NonNullable<Selection["call_status"]>[number]] : undefined,
  };
}

/** Says in words what a replay takes up. The trunks' names come from outside. */
export function wordsOfSelection(
  selection: Selection,
  trunkName: (id: string) => string,
  day: (at: string) => string,
): string {
  if (selection.event_ids)
    return selection.event_ids.length === 1
      ? "one chosen delivery"
      : `${formatNumber(selection.event_ids.length)} chosen deliveries`;
  const states = (selection.state ?? usualStates).map(
    (s) => replayStates.find((r) => r.value === s)?.label.toLowerCase() ?? s,
  );
  const words = [`deliveries ${states.join(", ")}`];
  if (selection.call_status)
    words.push(`of calls ${selection.call_status.map((s) => s.toLowerCase().replace("_", " ")).join(", ")}`);
  if (selection.answer) words.push(`with ${wordsOfAnswer(selection.answer)}`);
  if (selection.trunk_id) words.push(`through ${trunkName(selection.trunk_id)}`);
  if (selection.since) words.push(`since ${day(selection.since)}`);
  if (selection.until) words.push(`until ${day(selection.until)}`);
  return words.join(" ");
}
