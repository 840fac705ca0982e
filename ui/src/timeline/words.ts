import type { Mark, StageName } from "./layout";

/** Who says something, in words. */
export const sources: Record<Mark["source"], string> = {
  dial: "Dial result",
  room: "Room check",
  webhook: "LiveKit event",
  poll: "Periodic check",
  browser: "Agent's browser",
  operator: "Operator",
  timer: "Timeout",
  automatic: "Automatic",
  replay: "Resent",
  probe: "Probe of the failing URL",
};

/** The stages of a call, and the moments at which each begins. */
export const stageWords: Record<StageName, { name: string; begins: string }> = {
  waiting: { name: "Waiting", begins: "Created" },
  ringing: { name: "Ringing", begins: "Dialed" },
  talking: { name: "Talking", begins: "Answered" },
};

const names: Record<string, string> = {
  created: "Room opened",
  connect: "Agent asked to dial",
  connect_refused: "Dial refused: agent not in the room",
  connect_not_permitted: "Dial refused: the permission rules forbid it",
  dial: "Dial ended",
  dial_lost: "Worker lost while dialing",
  hangup: "Hang-up asked for",
  hangup_replaced: "Hang-up of an older page: not heeded",
  status: "Browser reported",
  hold: "Customer put on hold",
  unhold: "Customer taken off hold",
  dtmf: "Keys sent",
  customer_left: "Customer's leg left",
  agent_left: "Agent left",
  agent_back: "Agent came back",
  agent_lost: "Agent lost for good",
  max_duration: "Longest call time reached",
  ended: "Outcome decided",
};

/** What happened, in words; names of a newer server as they are. */
export function nameOf(mark: { name: string }): string {
  return names[mark.name] ?? mark.name.replaceAll("_", " ").replace(/^./, (c) => c.toUpperCase());
}
