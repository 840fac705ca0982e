import type { Schema } from "@/api/client";

type Call = Schema<"CallSummary">;

/** A disconnect reason in words, as the outcome table of the contract has them. */
const words: Record<Schema<"DisconnectReason">, string> = {
  customer_hangup: "customer hung up",
  agent_hangup: "agent hung up",
  agent_lost: "agent was lost",
  max_duration: "longest call time reached",
  media_timeout: "no sound from the far end",
  connection_lost: "connection lost",
  busy: "busy",
  declined: "declined",
  no_answer: "no answer",
  agent_cancelled: "agent cancelled",
  invalid_number: "no such number",
  trunk_rejected: "trunk rejected the call",
  trunk_unavailable: "trunk unavailable",
  never_connected: "agent never connected",
  cancelled_before_dial: "cancelled before the dial",
  livekit_unavailable: "LiveKit unavailable",
  trunk_capacity: "no free line",
  dial_state_unknown: "dial state unknown",
};

/** All reasons with their words, for choosing one. */
export const reasons = Object.entries(words).map(([value, label]) => ({ value, label }));

/** Writes a reason in words; a reason of a newer server as it is. */
export function wordsOf(reason: string): string {
  return reason in words ? words[reason as keyof typeof words] : reason.replaceAll("_", " ");
}

/** One line on why a call ended: "declined · 603". */
export function whyShort(call: Pick<Call, "disconnect_reason" | "sip_disconnect_code">): string {
  if (!call.disconnect_reason) return "";
  const code = call.sip_disconnect_code;
  return wordsOf(call.disconnect_reason) + (code && code !== 200 ? ` · ${code}` : "");
}
