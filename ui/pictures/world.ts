import type { Schema } from "@/api/client";

type Call = Schema<"CallSummary">;

/** What kind of day the pictures show. */
export type Day = "good" | "broken" | "empty" | "forty";

/** The moment at which all pictures are taken: a Tuesday, two in the afternoon in Kolkata. */
export const now = Date.parse("2026-11-24T08:30:00Z");

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A moment before the pictures', as the API writes it. */
export const ago = (ms: number): string => new Date(now - ms).toISOString();

/** Numbers that look like chance and are the same each time. */
export function chance(seed: number): () => number {
  let state = Math.imul(seed + 1, 2_654_435_761) >>> 0;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

export const trunks: Schema<"Trunk">[] = [
  trunk("trk_mumbai", "Mumbai", "", "+912266554433", true),
  trunk("trk_delhi", "Delhi", "0091", "+911144556677", false),
  trunk("trk_pune", "Pune backup", "77", "+912044332211", false),
];

function trunk(id: string, label: string, prefix: string, did: string, isDefault: boolean): Schema<"Trunk"> {
  return {
    trunk_id: id,
    label,
    livekit_trunk_id: `ST_${label.slice(0, 5)}kQ8xW2`,
    prefix,
    default_did: did,
    default: isDefault,
    enabled: id !== "trk_pune",
    max_concurrent_calls: 0,
    max_calls_per_second: 0,
  };
}

const agents = ["asha.rao", "karthik", "meera", "farhan", "priya.s", "joseph"];
const numbers = ["95302•••97", "98201•••41", "70219•••03", "99876•••12", "81234•••78", "90047•••65", "63801•••29"];

type Ending = [Call["call_status"], Schema<"DisconnectReason">, number | null, Call["hangup_by"]];
const endings: Ending[] = [
  ["ANSWERED", "customer_hangup", 200, "customer"],
  ["ANSWERED", "agent_hangup", 200, "agent"],
  ["NOT_ANSWERED", "no_answer", 480, "system"],
  ["ANSWERED", "customer_hangup", 200, "customer"],
  ["NOT_ANSWERED", "busy", 486, "customer"],
  ["ANSWERED", "customer_hangup", 200, "customer"],
  ["NOT_ANSWERED", "declined", 603, "customer"],
  ["FAILED", "invalid_number", 404, "system"],
];

const pick = <T>(of: readonly T[], n: number): T => of[n % of.length] as T;
const id = (kind: string, n: number) =>
  `${kind}_${(n * 7_919_993 + 1_000_003).toString(36).padStart(6, "k")}m2xwzc4e6yb2fjd7hn${(n % 36).toString(36)}`;

/** The n-th newest call that has ended. */
export function ended(n: number, change: Partial<Call> = {}): Call {
  const random = chance(n + 11);
  const [call_status, reason, code, by] = pick(endings, Math.floor(random() * 97));
  const started = now - 40 * second - n * 83 * second;
  const waited = 1_400 + Math.floor(random() * 4_000);
  const rang = reason === "no_answer" ? 45_000 : 4_200 + Math.floor(random() * 22_000);
  const talked = call_status === "ANSWERED" ? 21_300 + Math.floor(random() * 240_000) : 0;
  const connected = started - waited - rang - talked;
  const answered = call_status === "ANSWERED" ? started - talked : null;
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    call_id: id("c2c", n),
    case_id: `LOAN-${10_4711 + n * 37}`,
    customer_crm_id: `cust-${8_812 + n}`,
    agent_id: pick(agents, Math.floor(random() * 60)),
    masked_number: pick(numbers, Math.floor(random() * 70)),
    did: "+912266554433",
    trunk_id: n % 3 === 2 ? "trk_delhi" : "trk_mumbai",
    trunk_label: n % 3 === 2 ? "Delhi" : "Mumbai",
    status: "ended",
    call_status,
    disconnect_reason: reason,
    sip_disconnect_code: code,
    duration_seconds: Math.floor(talked / 1000),
    ring_seconds: Math.floor(rang / 1000),
    hangup_by: by,
    created_at: at(connected - waited),
    connected_at: at(connected),
    answered_at: answered === null ? null : at(answered),
    ended_at: at(started),
    ...change,
  };
}

/** The n-th newest call that lives. */
export function live(n: number): Call {
  const talking = n % 4 !== 1;
  const created = now - 9 * second - n * 17 * second;
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    ...ended(200 + n),
    call_id: id("c2c", 5_000 + n),
    status: talking ? "answered" : "ringing",
    trunk_id: n % 5 === 4 ? "trk_delhi" : "trk_mumbai",
    trunk_label: n % 5 === 4 ? "Delhi" : "Mumbai",
    call_status: null,
    disconnect_reason: null,
    sip_disconnect_code: null,
    duration_seconds: 0,
    ring_seconds: 0,
    hangup_by: null,
    created_at: at(created),
    connected_at: at(created + 2_000),
    answered_at: talking ? at(created + 6_000) : null,
    ended_at: null,
  };
}

/** The failure that a broken day is full of. */
export const failedByTrunk: Partial<Call> = {
  call_status: "FAILED",
  disconnect_reason: "trunk_unavailable",
  sip_disconnect_code: 503,
  duration_seconds: 0,
  ring_seconds: 1,
  answered_at: null,
  hangup_by: "system",
  trunk_id: "trk_mumbai",
  trunk_label: "Mumbai",
};

/** A month of days with its counts, the newest last; one of them bad. */
export function days(count: number): { date: string; since: string; until: string; counts: Schema<"OutcomeCounts"> }[] {
  const midnight = Date.parse("2026-11-23T18:30:00Z"); // of the pictures' day in Kolkata
  return Array.from({ length: count }, (_, i) => {
    const from = midnight - (count - 1 - i) * day;
    const random = chance(count - i + 400);
    const weekday = new Date(from + 6 * hour).getUTCDay();
    const calls = weekday === 0 ? 0 : 380 + Math.floor(random() * 160);
    const bad = count - 1 - i === 7;
    const share = bad ? 0.31 : 0.49 + random() * 0.11;
    const failing = bad ? 0.34 : 0.03 + random() * 0.03;
    return {
      date: new Date(from + 6 * hour).toISOString().slice(0, 10),
      since: new Date(from).toISOString(),
      until: new Date(from + day).toISOString(),
      counts: counts(calls, share, failing, 96 + random() * 40),
    };
  });
}

/** Outcomes of so many calls. */
export function counts(calls: number, answering: number, failing: number, talk: number): Schema<"OutcomeCounts"> {
  const answered = Math.round(calls * answering);
  const failed = Math.round(calls * failing);
  return {
    calls,
    answered,
    failed,
    not_answered: calls - answered - failed,
    answer_rate: calls ? answered / calls : null,
    average_talk_seconds: answered ? talk : null,
  };
}

/** The webhook body of a call as viewers see it. */
export function masked(c: Call): string {
  return JSON.stringify({
    case_id: c.case_id,
    phone_to: c.masked_number,
    call_status: c.call_status,
    disconnect_reason: c.disconnect_reason,
    sip_disconnect_code: c.sip_disconnect_code,
    duration: c.duration_seconds,
    agent_id: c.agent_id,
    call_id: c.call_id,
  });
}

export { day, hour, id, minute, pick, second };
