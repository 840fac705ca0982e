import type { Schema } from "@/api/client";
import { remembered } from "./today";
import { type Day, ago, counts, day, days, hour, minute, pick } from "./world";

export function settings(): Schema<"Settings"> {
  return {
    version: 7,
    livekit: { url: "wss://livekit.example.com", api_key: "APIk8q2XwVn", api_secret: { set: true, last_four: "mT4e" } },
    call: {
      connect_timeout_seconds: 120,
      ring_timeout_seconds: 45,
      max_call_duration_seconds: 7200,
      agent_rejoin_grace_seconds: 20,
      media_timeout_seconds: 600,
      poll_interval_ms: 1000,
      reconcile_interval_seconds: 10,
      answer_detection: "webhook",
      require_agent: true,
    },
    limits: {
      max_concurrent_calls: 0,
      max_calls_per_second: 0,
      one_call_per_agent: false,
      refuse_when_busy: false,
      queue_wait_seconds: 0,
    },
    allowed_origins: ["https://crm.example.com"],
    delivery: { schedule_seconds: [0, 10, 30, 120, 600, 3600, 21_600], https_only: true },
    livekit_webhook_url: "https://c2c.example.com/webhooks/livekit",
  };
}

/** When the trunk failed: a Tuesday from two to four in the afternoon. */
export function trunkHours(kind: Day): Schema<"TrunkNumbersReport"> {
  const hours = kind === "empty" ? [] : [8, 9, 10];
  return {
    since: ago(8 * day),
    until: ago(0),
    tz: "Asia/Kolkata",
    rows: hours.map((h) => ({
      trunk_id: "trk_mumbai",
      label: "Mumbai",
      begins: `2026-11-17T${String(h).padStart(2, "0")}:30:00Z`,
      seizures: 62,
      answered: h < 10 ? 12 : 33,
      asr: h < 10 ? 0.19 : 0.53,
      ner: h < 10 ? 0.39 : 0.97,
      ser: h < 10 ? 0.19 : 0.53,
      acd_seconds: 98,
      short_share: 0.04,
      srd_failed_seconds: 0.6,
    })),
  };
}

/** The report of that time; the week of the trunk's bad afternoon is worse than the one before. */
export function report(kind: Day, since: string, until: string): Schema<"Report"> {
  const empty = kind === "empty";
  const list = empty ? [] : days(30).filter((d) => d.since >= since && d.since < until);
  const was = since < "2026-11-14";
  const sum = (name: "calls" | "answered" | "failed") => list.reduce((s, d) => s + d.counts[name], 0);
  const total = sum("calls");
  const share = (n: number) =>
    counts(Math.round(total * n), sum("answered") / (total || 1), sum("failed") / (total || 1), 117);
  return {
    since: list[0]?.since ?? ago(30 * day),
    until: ago(0),
    tz: "Asia/Kolkata",
    totals: counts(total, sum("answered") / (total || 1), sum("failed") / (total || 1), 117),
    post_dial_delay: { calls: sum("answered"), average_seconds: 11.3, p50_seconds: 10, p95_seconds: 24 },
    days: list,
    hours: empty
      ? []
      : [1, 2, 3, 4, 5, 6].flatMap((weekday) =>
          Array.from({ length: 11 }, (_, i) => {
            const h = 9 + i;
            const bad = weekday === 2 && (h === 14 || h === 15);
            return {
              weekday,
              hour: h,
              counts: counts(
                90 + ((h * 31 + weekday * 17) % 80),
                bad ? 0.24 : 0.45 + ((h * 7 + weekday * 3) % 17) / 100,
                bad ? 0.5 : 0.04,
                110,
              ),
            };
          }),
        ),
    trunks: empty
      ? []
      : [
          {
            trunk_id: "trk_mumbai",
            label: "Mumbai",
            counts: counts(Math.round(total * 0.66), was ? 0.56 : 0.46, 0.06, 112),
          },
          { trunk_id: "trk_delhi", label: "Delhi", counts: share(0.34) },
        ],
    agents: empty
      ? []
      : ["asha.rao", "karthik", "meera", "farhan", "priya.s", "joseph"].map((agent_id, i) => ({
          agent_id,
          counts: counts(
            Math.round(total * ([0.22, 0.2, 0.18, 0.16, 0.14, 0.1][i] ?? 0.1)),
            was || i % 3 ? 0.54 : 0.62 - i * 0.05,
            0.05,
            117,
          ),
        })),
    agents_truncated: false,
    reasons: empty
      ? []
      : [
          {
            call_status: "ANSWERED",
            disconnect_reason: "customer_hangup",
            sip_disconnect_code: 200,
            calls: Math.round(total * 0.36),
          },
          {
            call_status: "NOT_ANSWERED",
            disconnect_reason: "no_answer",
            sip_disconnect_code: 480,
            calls: Math.round(total * 0.22),
          },
          {
            call_status: "ANSWERED",
            disconnect_reason: "agent_hangup",
            sip_disconnect_code: 200,
            calls: Math.round(total * 0.17),
          },
          {
            call_status: "NOT_ANSWERED",
            disconnect_reason: "busy",
            sip_disconnect_code: 486,
            calls: Math.round(total * 0.12),
          },
          {
            call_status: "NOT_ANSWERED",
            disconnect_reason: "declined",
            sip_disconnect_code: 603,
            calls: Math.round(total * 0.08),
          },
          {
            call_status: "FAILED",
            disconnect_reason: "trunk_unavailable",
            sip_disconnect_code: 503,
            calls: Math.round(total * (was ? 0.02 : 0.05)),
          },
        ],
  };
}

export function user(name: string, role: Schema<"Role">, change: Partial<Schema<"User">> = {}): Schema<"User"> {
  return {
    user_id: `usr_${name}`,
    name,
    role,
    disabled: false,
    must_change_password: false,
    created_at: ago(60 * day),
    last_login_at: ago(3 * hour),
    ...change,
  };
}

export function history(): Schema<"SettingsChange">[] {
  return [
    { version: 7, at: ago(2 * day), by: "admin", fields: [{ field: "ring_timeout", old: "40", new: "45" }] },
    { version: 6, at: ago(9 * day), by: "asha.rao", fields: [{ field: "livekit_api_secret", old: null, new: null }] },
  ];
}

export function auditEntries(): Schema<"AuditEntry">[] {
  const rows: [string, string, string, string][] = [
    ["asha.rao", "number_revealed", remembered.call_id, ""],
    ["asha.rao", "trunk_changed", "trk_delhi", "prefix 0091"],
    ["admin", "settings_changed", "", "version 7"],
    ["admin", "user_created", "team.lead", "viewer"],
    ["", "login_failed", "", ""],
    ["asha.rao", "login", "", ""],
  ];
  return rows.map(([user_name, action, target, detail], i) => ({
    audit_id: String(i),
    at: ago(i * 47 * minute + minute),
    user_name,
    action,
    target,
    detail,
    address: pick(["203.0.113.7", "198.51.100.20"], i),
  }));
}
