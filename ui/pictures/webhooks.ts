import type { Schema } from "@/api/client";
import { type Day, ago, day, ended, id, masked, minute, now, second } from "./world";

const headers = {
  "Content-Type": ["application/json"],
  "User-Agent": ["Click2Call/1.0"],
  "webhook-id": ["evt_x8k2"],
  "webhook-timestamp": ["1795509000"],
  "webhook-signature": ["v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="],
  "X-api-key": ["[redacted]"],
};

/** One attempt at a delivery. */
export function attempt(n: number, change: Partial<Schema<"Attempt">> = {}): Schema<"Attempt"> {
  return {
    n,
    trigger: "automatic",
    started_at: ago(36 * minute - n * 4 * minute),
    url: "https://crm.example.com/hooks/calls",
    status: 503,
    error_class: "status",
    error: "the receiver answered 503",
    remote_address: "203.0.113.24:443",
    dns_ms: 1.2,
    connect_ms: 14,
    tls_ms: 31,
    first_byte_ms: 88,
    total_ms: 91,
    request_headers: headers,
    response_headers: { "Content-Type": ["text/html"], Date: [new Date(now - 30 * minute).toUTCString()] },
    response_body: "<h1>503 Service Unavailable</h1>",
    truncated: false,
    next_attempt_at: null,
    ...change,
  };
}

export function deliveryOf(n: number, state: Schema<"DeliverySummary">["state"]): Schema<"DeliverySummary"> {
  const c = ended(n);
  const failed = state !== "delivered";
  const refused = state === "dead";
  return {
    event_id: c.call_id.replace("c2c_", "evt_"),
    call_id: c.call_id,
    endpoint_id: "default",
    case_id: c.case_id,
    call_status: c.call_status,
    state,
    attempts: { delivered: 1, pending: 3, parked: 2, dead: 7 }[state],
    created_at: c.ended_at ?? c.created_at,
    next_attempt_at: state === "pending" ? new Date(now + 3 * second + n * 7 * second).toISOString() : null,
    delivered_at: failed ? null : c.ended_at,
    last_status: failed ? (refused ? 422 : 503) : 200,
    last_error: failed ? `the receiver answered ${refused ? 422 : 503}` : "",
  };
}

export function deliveries(kind: Day, query: URLSearchParams): Schema<"DeliveryPage"> {
  if (kind === "empty") return { deliveries: [] };
  const state = query.get("state");
  const all = Array.from({ length: 50 }, (_, n) => {
    if (kind === "good") return deliveryOf(n, "delivered");
    return deliveryOf(n, n < 27 ? (n % 4 === 3 ? "parked" : "pending") : n < 30 ? "dead" : "delivered");
  });
  const answer = query.get("answer");
  const chosen = all.filter(
    (d) =>
      (!state || d.state === state || (state === "waiting" && ["pending", "parked"].includes(d.state))) &&
      (!answer || (d.last_error !== "" && String(d.last_status) === answer)),
  );
  return { deliveries: chosen.slice(0, 30), next_cursor: chosen.length > 30 ? "older" : undefined };
}

export function deliveryDetail(eventID: string): Schema<"DeliveryDetail"> {
  const attempts = [422, 422, 422, 503, 503, 422, 422].map((status, i) =>
    attempt(i + 1, {
      status,
      error: `the receiver answered ${status}`,
      response_headers: { "Content-Type": ["application/json"], Date: [new Date(now - 30 * minute).toUTCString()] },
      response_body: status === 422 ? '{"error":"case LOAN-104711 is closed"}' : "<h1>503 Service Unavailable</h1>",
    }),
  );
  return {
    delivery: { ...deliveryOf(28, "dead"), event_id: eventID },
    masked_body: masked(ended(28)),
    attempts,
  };
}

export function endpoint(kind: Day): Schema<"Endpoint"> {
  const broken = kind === "broken" || kind === "forty";
  return {
    endpoint_id: "default",
    name: "",
    event_types: [],
    filter: {},
    schedule_seconds: [],
    max_per_second: 0,
    url: "https://crm.example.com/hooks/calls",
    default: true,
    state: "active",
    health: {
      state: broken ? "open" : "well",
      failures: broken ? 61 : 0,
      failing_since: broken ? ago(38 * minute) : null,
      opened_at: broken ? ago(31 * minute) : null,
      reason: broken ? "the receiver answered 503" : "",
    },
    api_key: { set: true, last_four: "q7Xw" },
    header_names: ["X-Tenant"],
    client_certificate: false,
    custom_ca: false,
    secrets: [{ secret_id: "sec_1", last_four: "9fQz", created_at: ago(40 * day), expires_at: null }],
  };
}

/** A day's attempts: office hours, and on a broken day half an hour of 503. */
export function endpointAttempts(kind: Day): Schema<"EndpointAttempts"> {
  const broken = kind === "broken" || kind === "forty";
  const slots = Array.from({ length: 24 }, (_, i) => {
    const at = new Date(now - (23 - i) * 3_600_000);
    const hour = (at.getUTCHours() + 5.5) % 24;
    const office = kind !== "empty" && hour > 9 && hour < 20;
    const attempts = office ? 90 + ((i * 37) % 60) : 0;
    const failed = broken && i >= 22 ? (i === 23 ? attempts : 31) : Math.floor(attempts / 80);
    const p95 = attempts === 0 ? null : broken && i === 23 ? 9_400 : 110 + ((i * 53) % 190);
    return { begins: at.toISOString(), attempts, succeeded: attempts - failed, p95_ms: p95 };
  });
  const attempts = slots.reduce((n, s) => n + s.attempts, 0);
  const succeeded = slots.reduce((n, s) => n + s.succeeded, 0);
  const failed = attempts - succeeded;
  return {
    since: slots[0]?.begins ?? ago(86_400_000),
    step_seconds: 3600,
    attempts,
    succeeded,
    p50_ms: attempts === 0 ? null : 84,
    p95_ms: attempts === 0 ? null : broken ? 1_200 : 240,
    slots,
    failures:
      failed === 0
        ? []
        : broken
          ? [
              { answer: "503", count: failed - 5 },
              { answer: "422", count: 3 },
              { answer: "timeout", count: 2 },
            ]
          : [{ answer: "503", count: failed }],
  };
}

export const replay = (n: number, change: Partial<Schema<"Replay">>): Schema<"Replay"> => ({
  replay_id: id("rpl", n),
  state: "done",
  selection: { state: ["dead"], since: ago(day) },
  rate_per_second: 20,
  total: 3680,
  sent: 3680,
  succeeded: 3671,
  failed: 9,
  skipped: 0,
  left: 0,
  created_by: "asha.rao",
  created_at: ago(2 * day),
  finished_at: ago(2 * day - 4 * minute),
  ...change,
});

export const running = replay(1, {
  state: "running",
  total: 1204,
  sent: 611,
  succeeded: 588,
  failed: 23,
  left: 593,
  created_at: ago(31 * second),
  finished_at: undefined,
  eta_seconds: 29,
});

export function trials(): Schema<"Trial">[] {
  const rows: [string, Schema<"Trial">["group"], string][] = [
    ["answered", "outcomes", "Answered, the customer hung up"],
    ["busy", "outcomes", "Not answered, busy"],
    ["twice", "again", "The same event twice"],
    ["bad-signature", "forged", "A signature of somebody else"],
    ["long-case", "hard", "A case id of 128 characters"],
  ];
  return rows.map(([name, group, title]) => ({
    name,
    group,
    title,
    sends: "One webhook.",
    expects: group === "forged" ? "Refuses it with 4xx." : "Takes it with 2xx.",
  }));
}

export function receiverLink(n: number, change: Partial<Schema<"ReceiverLink">> = {}): Schema<"ReceiverLink"> {
  return {
    link_id: `rl_${n}`,
    name: "Asha, CRM team",
    created_by: "admin",
    created_at: ago(2 * day),
    expires_at: ago(-5 * day),
    last_used_at: ago(3 * minute),
    open: true,
    ...change,
  };
}

/** What a receiver's developer is answered by a link. */
export function receiver(kind: Day, tail: string, leaf: string, query: URLSearchParams): object | undefined {
  switch (tail) {
    case "":
      return { endpoint: endpoint(kind), link: receiverLink(1) } satisfies Schema<"Receiver">;
    case "deliveries":
      return leaf ? deliveryDetail(leaf) : deliveries(kind, query);
    case "trials":
      return { trials: trials() };
    default:
      return undefined;
  }
}
