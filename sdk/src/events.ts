import type { CallRecord } from "./server.js";
import type { EndReason, Phase } from "./state.js";

/** What an agent should be told while the call goes on. Each is said when it begins and when it is over. */
export type WarningCode =
  | "microphone_silent" // not one sound since the microphone was opened: said before the customer is dialed
  | "microphone_lost" // unplugged, or taken away
  | "microphone_muted" // by the system: a telephone call on the same phone, a switch on the headset
  | "playback_blocked" // the browser plays nothing before the agent clicks somewhere; call.resumeSound() in a click helps
  | "customer_silent"; // nothing at all comes from the customer: on hold there, or gone

/** How good a side's connection is, in LiveKit's words. */
export type Quality = "excellent" | "good" | "poor" | "lost" | "unknown";

/** The events of a call and what each brings. */
export interface CallEvents {
  ringing: undefined;
  answered: { at: Date };
  ended: { reason: EndReason; error: Error | null };
  quality: { side: "agent" | "customer"; quality: Quality };
  warning: { code: WarningCode; active: boolean };
  /** The page has lost the call, or has it again. People may still hear each other while it is lost. */
  reconnecting: { active: boolean };
  /** The microphones and speakers changed: fill the menus again. */
  devices: undefined;
}

export type Listener<K extends keyof CallEvents> = (detail: CallEvents[K]) => void;

/** A call as it stands, for what is drawn. It is replaced, never changed. */
export interface CallView {
  phase: Phase;
  reconnecting: boolean;
  answeredAt: Date | null;
  muted: boolean;
  onHold: boolean;
  warnings: readonly WarningCode[];
  quality: Quality;
  reason: EndReason | null;
  error: Error | null;
  /** The two sides' sound, for meters. */
  microphone: MediaStreamTrack | null;
  customer: MediaStreamTrack | null;
}

export type { CallRecord, EndReason, Phase };
