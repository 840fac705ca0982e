import type { Schema } from "@/api/client";
import { wordsOf } from "@/components/reasons";
import { formatDuration } from "@/format/duration";
import { capital } from "@/format/text";
import { disagrees } from "./layout";

type Call = Schema<"CallSummary">;
type Entry = Schema<"TimelineEntry">;

/** Each reason as the second half of a sentence, after "Rang for 12s; ". */
const endings: Record<string, string> = {
  customer_hangup: "the customer hung up",
  agent_hangup: "the agent hung up",
  agent_lost: "the agent's browser vanished and did not come back in time",
  max_duration: "the longest call time was reached",
  media_timeout: "no sound came from the far end any more",
  connection_lost: "the media server lost the call",
  busy: "the customer was busy",
  declined: "the customer declined",
  no_answer: "nobody answered",
  agent_cancelled: "the agent gave up",
  invalid_number: "the carrier knows no such number",
  trunk_rejected: "the carrier refused the call",
  trunk_unavailable: "the carrier failed or did not reply",
  livekit_unavailable: "LiveKit or its SIP service could not take the call",
  trunk_capacity: "no line was free on any trunk",
  dial_state_unknown: "a crash hid whether the dial went out, and no leg was found",
};

const undialed: Record<string, string> = {
  never_connected: "The agent's browser never asked to dial, so nobody was called.",
  cancelled_before_dial: "It was hung up before the dial, so nobody was called.",
};

const now: Record<Call["status"], string> = {
  created: "The room is open and waits for the agent's browser; nobody has been dialed.",
  queued: "No line is free: it waits for one, and nobody has been dialed.",
  ringing: "The customer's phone is ringing.",
  answered: "They are talking.",
  ended: "It has ended; its outcome is being written.",
};

/** Says in one or two sentences how a call ended and who says so. */
export function tell(call: Call, entries: Entry[]): string {
  const reason = call.disconnect_reason;
  if (!reason) return now[call.status];
  return undialed[reason] ?? `${course(call)}${witnesses(call, entries)}`;
}

function course(call: Call): string {
  const code =
    call.sip_disconnect_code !== null && call.sip_disconnect_code !== 200 ? ` (${call.sip_disconnect_code})` : "";
  const operator = call.hangup_by === "operator" ? "an operator hung up" : undefined;
  const end = (operator ?? endings[call.disconnect_reason ?? ""] ?? wordsOf(call.disconnect_reason ?? "")) + code;
  const rang = call.ring_seconds > 0 ? `Rang for ${formatDuration(call.ring_seconds)}` : "";
  if (call.answered_at) {
    const talked = `they talked for ${formatDuration(call.duration_seconds)}; ${end}.`;
    return rang ? `${rang}, then ${talked}` : capital(talked);
  }
  return rang ? `${rang}; ${end}.` : capital(`${end}.`);
}

function witnesses(call: Call, entries: Entry[]): string {
  const dialed = entries.some((e) => e.source === "dial");
  const event = entries.find((e) => e.source === "webhook" && e.name === "customer_left");
  const liar = entries.find((e) => disagrees(e, call));
  const said = dialed ? ["the dial result says so"] : [];
  if (event && !disagrees(event, call)) said.push(dialed ? "LiveKit's event agrees" : "LiveKit's event says so");
  if (liar)
    said.push(`the ${liar.source === "browser" ? "browser" : "LiveKit event"} reported an answer, and was outranked`);
  return said.length > 0 ? ` ${capital(said.join("; "))}.` : "";
}
