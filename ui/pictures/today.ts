import type { Schema } from "@/api/client";
import { type Day, ago, day, ended, failedByTrunk, live, masked, minute, second } from "./world";
import { dialAttempts } from "./dialing";
import { attempt, deliveryOf } from "./webhooks";

type Call = Schema<"CallSummary">;

export type Part = Schema<"HealthPart">;

const well = (part: Part["part"], name: string, change: Partial<Part> = {}): Part => ({
  part,
  id: "",
  name,
  state: "ok",
  since: null,
  what: "",
  means: "",
  action: null,
  ...change,
});

function health(kind: Day): Schema<"SystemHealth"> {
  const failing = kind === "broken" || kind === "forty";
  const idle = kind === "empty" ? "idle" : "ok";
  const parts = [
    well("trunk", "Trunk Mumbai", failing ? mumbaiFails : { id: "trk_mumbai", state: idle }),
    well("endpoint", "Webhook crm.example.com", failing ? webhookFails : { id: "default" }),
    well("livekit", "LiveKit"),
    well("sip", "LiveKit SIP"),
    well("temporal", "Temporal"),
    well("store", "Database"),
    well("trunk", "Trunk Delhi", { id: "trk_delhi", state: idle }),
    well("ledger", "Ledger"),
    well("worker", "Workers"),
    well("trunk", "Trunk Pune backup", { id: "trk_pune", state: "disabled" }),
  ];
  if (kind !== "empty") return { state: failing ? "degraded" : "ok", parts };
  return {
    state: "down",
    parts: [noTrunk, noURL, ...parts.filter((p) => p.part !== "trunk" && p.part !== "endpoint")],
  };
}

const mumbaiFails: Partial<Part> = {
  id: "trk_mumbai",
  state: "failing",
  since: ago(12 * minute),
  what: "14 of its last 20 dials failed.",
  means: "New calls leave by it, and most of them end FAILED.",
  action: { kind: "make_default", target: "trk_delhi", label: "Make Delhi the default" },
};

const webhookFails: Partial<Part> = {
  id: "default",
  state: "open",
  since: ago(38 * minute),
  what: "It fails: the receiver answered 503.",
  means:
    "The CRM is not told how calls end: 27 outcomes wait on hold. It is probed, and all is sent when it works again.",
  action: { kind: "see_deliveries", target: "state=waiting", label: "See the waiting deliveries" },
};

const noTrunk = well("trunk", "Trunks", {
  state: "failing",
  what: "No trunk is enabled.",
  means: "Every call is refused with no_trunk.",
  action: { kind: "open_trunk", target: "", label: "Set up a trunk" },
});

const noURL = well("endpoint", "Webhook", {
  state: "disabled",
  what: "No webhook URL is set.",
  means: "The CRM is not told how calls end.",
  action: { kind: "open_settings", target: "webhook", label: "Set the webhook URL" },
});

/** The overview of a kind of day. */
export function overview(kind: Day): Schema<"Overview"> {
  const lives = { good: 6, broken: 3, forty: 40, empty: 0 }[kind];
  const today = { good: [212, 168, 9], broken: [188, 140, 61], forty: [188, 140, 61], empty: [0, 0, 0] }[kind] as [
    number,
    number,
    number,
  ];
  const [answered, not_answered, failed] = today;
  const total = answered + not_answered + failed;
  const webhookDown = kind === "broken" || kind === "forty";
  return {
    at: ago(0),
    today: {
      since: "2026-11-23T18:30:00Z",
      live: lives,
      answered,
      not_answered,
      failed,
      answer_rate: total ? answered / total : null,
    },
    live_calls: Array.from({ length: lives }, (_, i) => live(i)),
    live_calls_truncated: false,
    latest_calls:
      total === 0 ? [] : Array.from({ length: 8 }, (_, n) => ended(n, webhookDown && n % 3 === 0 ? failedByTrunk : {})),
    deliveries: {
      waiting: webhookDown ? 27 : 0,
      dead: webhookDown ? 3 : 0,
      oldest_waiting_at: webhookDown ? ago(38 * minute) : null,
    },
    health: health(kind),
    setup:
      kind === "empty"
        ? {
            steps: (["livekit", "trunk", "webhook", "api_key", "first_call"] as const).map((step, i) => ({
              step,
              done: i === 0,
            })),
          }
        : null,
  };
}

export function calls(kind: Day, query: URLSearchParams): Schema<"CallPage"> {
  if (kind === "empty") return { calls: [], count: query.get("counted") ? 0 : undefined };
  const broken = kind !== "good";
  let all: Call[] = Array.from({ length: 50 }, (_, n) => ended(n, broken && n % 3 === 0 ? failedByTrunk : {}));
  if (query.get("reason")) all = all.map((c) => ({ ...c, ...failedByTrunk }));
  else if (query.get("status") !== "ended") all = [live(0), live(1), ...all];
  return {
    calls: all.slice(0, Number(query.get("limit") ?? 50)),
    next_cursor: "older",
    count: query.get("counted") ? 1_284 : undefined,
  };
}

/** The call of the pictures that people remember. */
export const remembered = ended(0, {
  call_status: "ANSWERED",
  disconnect_reason: "customer_hangup",
  hangup_by: "customer",
  sip_disconnect_code: 200,
  agent_id: "meera",
  masked_number: "95302•••97",
  created_at: ago(42 * minute),
  connected_at: ago(42 * minute - 7_960),
  answered_at: ago(42 * minute - 7_960 - 8_750),
  ended_at: ago(42 * minute - 7_960 - 8_750 - 131_900),
  ring_seconds: 8,
  duration_seconds: 131,
});

export function callDetail(kind: Day, callID: string): Schema<"CallDetail"> {
  const busy = callID.endsWith("busy");
  const call: Call = busy
    ? {
        ...remembered,
        call_id: callID,
        call_status: "NOT_ANSWERED",
        disconnect_reason: "busy",
        sip_disconnect_code: 486,
        answered_at: null,
        duration_seconds: 0,
        ended_at: ago(42 * minute - 7_960 - 8_750),
      }
    : { ...remembered, call_id: callID };
  const start = Date.parse(call.created_at);
  const at = (ms: number) => new Date(start + ms).toISOString();
  const end = Date.parse(call.ended_at ?? ago(0)) - start;
  const timeline: Schema<"TimelineEntry">[] = [
    { at: at(4), source: "timer", name: "created", detail: "" },
    { at: at(6_100), source: "webhook", name: "agent_joined", detail: "" },
    { at: at(7_960), source: "browser", name: "connect", detail: "" },
    { at: at(16_710), source: "dial", name: "dial", detail: busy ? "refused, SIP 486" : "answered, SIP 200" },
    ...(busy
      ? [{ at: at(16_900), source: "browser" as const, name: "status", detail: "ANSWERED" }]
      : [{ at: at(17_020), source: "browser" as const, name: "status", detail: "ANSWERED" }]),
    {
      at: at(end - 60),
      source: "webhook",
      name: "customer_left",
      detail: busy ? "rejected, sip.callStatus ringing" : "left, sip.callStatus hangup",
    },
    { at: at(end - 20), source: "room", name: "customer_left", detail: "" },
    { at: at(end), source: "timer", name: "ended", detail: call.disconnect_reason ?? "" },
  ];
  const broken = kind !== "good";
  const attempts = broken
    ? [0, 10, 40, 160].map((s, i) =>
        attempt(i + 1, {
          started_at: at(end + 120 + s * second),
          ...(i === 3
            ? { status: 200, error_class: "", error: "", response_body: '{"ok":true}', trigger: "replay", n: 1 }
            : {}),
        }),
      )
    : [
        attempt(1, {
          started_at: at(end + 120),
          status: 200,
          error_class: "",
          error: "",
          response_body: '{"ok":true}',
        }),
      ];
  return {
    call,
    room: "c2c-3k7qv5m2xwzc4e6yb2fjd7hnru",
    held_at: null,
    timeline,
    attempts: dialAttempts(start).slice(busy ? 1 : 0),
    further_deliveries: [],
    delivery: {
      delivery: {
        ...deliveryOf(0, "delivered"),
        event_id: callID.replace("c2c_", "evt_"),
        call_id: callID,
        attempts: attempts.length,
        delivered_at: attempts.at(-1)?.started_at ?? null,
      },
      masked_body: masked(call),
      attempts,
    },
    temporal_url: "https://temporal.example.com/workflow",
  };
}

export function ledger(kind: Day): Schema<"Ledger"> {
  const broken = kind === "broken" || kind === "forty";
  const empty = kind === "empty";
  const outcomes = empty ? 0 : 389;
  const lives = overview(kind).today.live;
  return {
    at: ago(0),
    since: ago(day),
    balanced: true,
    accepted: outcomes + lives,
    live: lives,
    outcomes,
    acknowledged: outcomes - (broken ? 29 : 0),
    waiting: broken ? 20 : 0,
    parked: broken ? 7 : 0,
    dead: broken ? 2 : 0,
    missing: 0,
    overdue: 0,
    held: null,
    last_check: {
      at: ago(2 * minute),
      calls_checked: lives,
      deliveries_checked: broken ? 27 : 0,
      calls_ended: 0,
      deliveries_started: 0,
      unresolved: [],
      calls_ended_total: empty ? 0 : 3,
      deliveries_started_total: empty ? 0 : 1,
    },
  };
}

/** How the trunks of that kind of day do. */
export function trunkRecords(kind: Day): Schema<"TrunkRecordList"> {
  const failing = kind === "broken" || kind === "forty";
  const dialOf = (n: number, fails: boolean): Schema<"TrunkDial"> => {
    const c = ended(n, fails ? failedByTrunk : {});
    return {
      call_id: c.call_id,
      ended_at: c.ended_at ?? c.created_at,
      call_status: c.call_status ?? "FAILED",
      disconnect_reason: c.disconnect_reason ?? "",
      sip_disconnect_code: c.sip_disconnect_code,
    };
  };
  const record = (
    trunk_id: string,
    dials: number,
    fails: number,
    [answered, not_answered, failed]: [number, number, number],
  ) => ({
    trunk_id,
    dials:
      kind === "empty"
        ? []
        : Array.from({ length: dials }, (_, n) => dialOf(n + dials, n % 3 !== 2 && n < fails * 1.5)),
    answered,
    not_answered,
    failed,
    answer_rate: answered / (answered + not_answered + failed),
  });
  return {
    since: "2026-11-23T18:30:00Z",
    records: [
      record("trk_mumbai", 20, failing ? 14 : 0, failing ? [121, 90, 58] : [140, 110, 6]),
      record("trk_delhi", 20, 1, [67, 50, 3]),
      record("trk_pune", 0, 0, [0, 0, 0]),
    ],
  };
}
