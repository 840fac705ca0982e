import type { ReactNode } from "react";
import classes from "./Status.module.css";

/** Every state that the console colours. One colour, one shape, one word everywhere. */
export type State =
  | "ANSWERED"
  | "NOT_ANSWERED"
  | "FAILED"
  | "created"
  | "queued"
  | "ringing"
  | "answered"
  | "pending"
  | "parked"
  | "delivered"
  | "dead"
  | "ok"
  | "failing"
  | "open"
  | "paused"
  | "unknown"
  | "idle"
  | "disabled";

type Tone = "live" | "answered" | "not-answered" | "failed" | "waiting" | "dead";

const looks: Record<State, [tone: Tone, word: string]> = {
  ANSWERED: ["answered", "Answered"],
  NOT_ANSWERED: ["not-answered", "Not answered"],
  FAILED: ["failed", "Failed"],
  created: ["waiting", "Waiting for agent"],
  queued: ["waiting", "Waiting for a line"],
  ringing: ["live", "Ringing"],
  answered: ["live", "Talking"],
  pending: ["waiting", "Waiting for retry"],
  parked: ["waiting", "On hold"],
  delivered: ["answered", "Delivered"],
  dead: ["dead", "Failed for good"],
  ok: ["answered", "Working"],
  failing: ["failed", "Failing"],
  open: ["failed", "On hold"],
  paused: ["waiting", "Paused"],
  unknown: ["waiting", "Unknown"],
  idle: ["waiting", "Idle"],
  disabled: ["waiting", "Disabled"],
};

const shapes: Record<Tone, ReactNode> = {
  live: <circle cx="5" cy="5" r="4" fill="currentColor" />,
  answered: (
    <path
      d="M1.500 5.200 4 7.700 8.700 2.500"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.900"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
  "not-answered": (
    <path d="M1.800 5h6.400" fill="none" stroke="currentColor" strokeWidth="2.200" strokeLinecap="round" />
  ),
  failed: <path d="M2 2l6 6M8 2l-6 6" fill="none" stroke="currentColor" strokeWidth="1.900" strokeLinecap="round" />,
  waiting: (
    <circle
      cx="5"
      cy="5"
      r="3.500"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.500"
      strokeDasharray="2.200 1.466"
    />
  ),
  dead: <path d="M2 2l6 6M8 2l-6 6" fill="none" stroke="currentColor" strokeWidth="1.900" strokeLinecap="round" />,
};

/** The word for a state. */
export function wordOf(state: State) {
  return looks[state][1];
}

/** Shows a state by colour, shape and word. */
export function StatusBadge({ state, word, quiet }: { state: State; word?: string; quiet?: boolean }) {
  const [tone, ownWord] = looks[state];
  return (
    <span className={classes.badge} data-tone={tone} data-quiet={quiet || undefined}>
      <svg className={classes.shape} viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
        {shapes[tone]}
      </svg>
      {word ?? ownWord}
    </span>
  );
}

/** The state of a call: how it ended, or where it stands. */
export function stateOfCall(call: {
  status: "created" | "queued" | "ringing" | "answered" | "ended";
  call_status: "ANSWERED" | "NOT_ANSWERED" | "FAILED" | null;
}): State {
  return call.call_status ?? (call.status === "ended" ? "FAILED" : call.status);
}
