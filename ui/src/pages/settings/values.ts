import type { Schema } from "@/api/client";
import { formatDuration } from "@/format/duration";
import { parseDuration, parseSchedule, writeDuration } from "@/format/parseDuration";

type Settings = Schema<"Settings">;
type Knobs = Schema<"CallKnobs">;

/** The settings as the form holds them: durations as people type them. */
export interface Values {
  url: string;
  api_key: string;
  /** Undefined keeps the stored one. */
  api_secret: string | undefined;
  knobs: Record<DurationKnob, string>;
  answer_detection: Knobs["answer_detection"];
  require_agent: boolean;
  /** 0 is no limit. */
  limits: Schema<"CallLimits">;
  origins: string[];
  schedule: string;
  https_only: boolean;
}

export type DurationKnob =
  | "connect_timeout_seconds"
  | "ring_timeout_seconds"
  | "max_call_duration_seconds"
  | "agent_rejoin_grace_seconds"
  | "media_timeout_seconds"
  | "poll_interval_ms"
  | "reconcile_interval_seconds";

interface KnobRule {
  name: DurationKnob;
  label: string;
  description: string;
  min: number; // seconds
  max: number;
}

/** The duration knobs with the ranges of api/admin/openapi.yaml. */
export const durationKnobs: KnobRule[] = [
  {
    name: "connect_timeout_seconds",
    label: "Connect timeout",
    description: "From /click2call until the agent's browser must ask to dial.",
    min: 10,
    max: 3600,
  },
  {
    name: "ring_timeout_seconds",
    label: "Ring timeout",
    description: "How long the customer's phone rings.",
    min: 5,
    max: 75,
  },
  {
    name: "max_call_duration_seconds",
    label: "Longest call",
    description: "Talk time after which a call is ended.",
    min: 10,
    max: 86_400,
  },
  {
    name: "agent_rejoin_grace_seconds",
    label: "Agent rejoin grace",
    description: "How long an agent's browser may be gone in mid-call.",
    min: 0,
    max: 300,
  },
  {
    name: "media_timeout_seconds",
    label: "Silence timeout",
    description:
      "How long the customer's line may send no sound at all, as phones do that are on hold, before the call is ended.",
    min: 5,
    max: 600,
  },
  {
    name: "poll_interval_ms",
    label: "Poll interval",
    description: "How often rooms are looked at in polling mode.",
    min: 1,
    max: 60,
  },
  {
    name: "reconcile_interval_seconds",
    label: "Reconcile interval",
    description: "How often rooms are looked at in webhook mode, as a net under lost events.",
    min: 1,
    max: 3600,
  },
];

/** The most that a limit on calls may be. */
const mostOfALimit = 100_000;

/** The longest that a call may wait for a line, in seconds. */
export const longestQueueWait = 600;

const perSecond = (name: DurationKnob) => (name === "poll_interval_ms" ? 1000 : 1);

/** Reads the server's settings into the form. */
export function valuesOf(s: Settings): Values {
  return {
    url: s.livekit.url,
    api_key: s.livekit.api_key,
    api_secret: undefined,
    knobs: Object.fromEntries(
      durationKnobs.map(({ name }) => [name, writeDuration(s.call[name] / perSecond(name))]),
    ) as Values["knobs"],
    answer_detection: s.call.answer_detection,
    require_agent: s.call.require_agent,
    limits: s.limits,
    origins: s.allowed_origins,
    schedule: s.delivery.schedule_seconds.map(writeDuration).join(", "),
    https_only: s.delivery.https_only,
  };
}

/** Writes the form as the server takes it. Only for values that checkValues finds nothing in. */
export function inputOf(v: Values, version: number): Schema<"SettingsInput"> {
  const knob = (name: DurationKnob) => Math.round((parseDuration(v.knobs[name]) ?? 0) * perSecond(name));
  return {
    version,
    livekit: { url: v.url.trim(), api_key: v.api_key.trim(), api_secret: v.api_secret || undefined },
    call: {
      connect_timeout_seconds: knob("connect_timeout_seconds"),
      ring_timeout_seconds: knob("ring_timeout_seconds"),
      max_call_duration_seconds: knob("max_call_duration_seconds"),
      agent_rejoin_grace_seconds: knob("agent_rejoin_grace_seconds"),
      media_timeout_seconds: knob("media_timeout_seconds"),
      poll_interval_ms: knob("poll_interval_ms"),
      reconcile_interval_seconds: knob("reconcile_interval_seconds"),
      answer_detection: v.answer_detection,
      require_agent: v.require_agent,
    },
    limits: v.limits,
    allowed_origins: v.origins,
    delivery: { schedule_seconds: parseSchedule(v.schedule) ?? [], https_only: v.https_only },
  };
}

/** Says what is wrong with the form, by the path of each field; empty when nothing is. */
export function checkValues(v: Values): Record<string, string> {
  const wrong: Record<string, string> = {};
  if (v.url !== "" && !/^(wss?|https?):\/\/[^/\s]+/.test(v.url.trim()))
    wrong.url = "An address such as wss://livekit.example.com";
  for (const k of durationKnobs) {
    const seconds = parseDuration(v.knobs[k.name]);
    if (seconds === null) wrong[`knobs.${k.name}`] = "Write it as 45s, 1m 30s or 2h";
    else if (seconds < k.min || seconds > k.max)
      wrong[`knobs.${k.name}`] = `From ${writeDuration(k.min)} to ${writeDuration(k.max)}`;
  }
  for (const name of ["max_concurrent_calls", "max_calls_per_second"] as const) {
    const limit = v.limits[name];
    if (!Number.isInteger(limit) || limit < 0 || limit > mostOfALimit)
      wrong[`limits.${name}`] = `A whole number, ${mostOfALimit} at most; empty is no limit`;
  }
  const wait = v.limits.queue_wait_seconds ?? 0;
  if (!Number.isInteger(wait) || wait < 0 || wait > longestQueueWait)
    wrong["limits.queue_wait_seconds"] = `Whole seconds, ${longestQueueWait} at most; empty is not at all`;
  const bad = v.origins.find((o) => o !== "*" && !/^https?:\/\/[^/\s]+$/.test(o));
  if (bad !== undefined)
    wrong.origins = `${bad} is no origin: write https://crm.example.com, without a path, or * for all`;
  const schedule = parseSchedule(v.schedule);
  if (schedule === null) wrong.schedule = "Waits separated by commas, such as 0s, 5s, 30s, 2m, 10h";
  else if (schedule.length > 40) wrong.schedule = "At most 40 attempts";
  else if (schedule[0] !== 0) wrong.schedule = "The first attempt is made when the call ends: begin with 0s";
  else if (schedule.some((s) => s > 604_800)) wrong.schedule = "No wait is longer than 7 days";
  return wrong;
}

/** Says what a schedule amounts to: "12 attempts over 3d 4h". */
export function describeSchedule(text: string): string {
  const waits = parseSchedule(text);
  if (!waits) return "";
  return `${waits.length} attempts over ${formatDuration(waits.reduce((a, b) => a + b, 0))}, each wait varied by ±20%.`;
}
