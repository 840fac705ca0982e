import type { Schema } from "@/api/client";
import { sipWords } from "@/format/sip";

type Attempt = Schema<"DialAttempt">;

const states: Record<string, string> = {
  "": "Under way",
  ringing: "Under way",
  answered: "Answered",
  refused: "Refused",
  rang_out: "Rang until the ring timeout",
  no_reply: "No final reply",
  cancelled: "Given up before an answer",
  not_sent: "No INVITE was sent",
  unknown: "Nobody can say: its worker was lost",
};

/** How an attempt ended: "503 service unavailable", or the state where no code came. */
export function replyWords(a: Attempt): string {
  if (a.sip_code) return sipWords(a.sip_code);
  return states[a.state] ?? a.state.replaceAll("_", " ");
}

/** Whether a phone rang, and how sure that is. */
export const rangWords: Record<Attempt["rang"], string> = {
  yes: "Yes",
  no: "No",
  unknown: "Not known, so it counts as rung",
};

/** What came after an attempt, and why: the next trunk is tried only when no phone rang. */
export function nextWords(a: Attempt, next: Attempt | undefined): string {
  if (next) return `no phone rang: ${next.trunk} was tried`;
  if (a.state === "" || a.state === "ringing" || a.state === "answered") return "";
  if (a.rang === "yes") return "a phone rang: no other trunk may be tried";
  if (a.rang === "unknown") return "a phone may have rung: no other trunk may be tried";
  return "no other trunk was tried";
}
