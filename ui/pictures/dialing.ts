import type { Schema } from "@/api/client";
import { type Day, ago, day, hour, minute, second, trunks } from "./world";

type Route = Schema<"Route">;

const everything: Schema<"RouteMatch"> = {
  number: "",
  purposes: [],
  agent_prefix: "",
  days: [],
  from: "00:00",
  to: "00:00",
  zone: "Asia/Kolkata",
};

const route = (route_id: string, name: string, change: Partial<Route>): Route => ({
  route_id,
  name,
  enabled: true,
  match: everything,
  trunks: [{ trunk_id: "trk_mumbai", priority: 1, weight: 1 }],
  caller_id: { mode: "fixed", dids: [], days: 0 },
  ...change,
});

/** The routes of an installation that has been used for a while; one of them is never reached. */
export function routes(kind: Day): Schema<"RouteList"> {
  if (kind === "empty") return { routes: [] };
  return {
    routes: [
      route("rt_promo", "Promotion in office hours", {
        match: { ...everything, purposes: ["promotional"], days: [1, 2, 3, 4, 5], from: "09:00", to: "18:00" },
        trunks: [
          { trunk_id: "trk_mumbai", priority: 1, weight: 7 },
          { trunk_id: "trk_delhi", priority: 1, weight: 3 },
          { trunk_id: "trk_pune", priority: 2, weight: 1 },
        ],
        caller_id: {
          mode: "sticky",
          days: 30,
          dids: ["+911400012345", "+911400012346", "+911400012347"].map((number) => ({ number, series: "140" })),
        },
      }),
      route("rt_collect", "Collections by Delhi", {
        match: { ...everything, agent_prefix: "collect-" },
        trunks: [{ trunk_id: "trk_delhi", priority: 1, weight: 1 }],
        caller_id: { mode: "fixed", days: 0, dids: [{ number: "+911600045678", series: "1600" }] },
      }),
      route("rt_south", "Karnataka", {
        match: { ...everything, number: "98xx*", agent_prefix: "collect-" },
        shadowed_by: "rt_collect",
      }),
      route("rt_old", "Trial of Pune", { enabled: false, trunks: [{ trunk_id: "trk_pune", priority: 1, weight: 1 }] }),
    ],
  };
}

/** The numbers that customers may see: those of the trunks and of the routes. */
export function callerIDs(kind: Day): Schema<"CallerIDList"> {
  const all = routes(kind).routes;
  const shown = kind === "empty" ? [] : trunks;
  const dids = all.flatMap((r) => r.caller_id.dids);
  const numbers = [...new Set([...dids.map((d) => d.number), ...shown.map((t) => t.default_did)])].toSorted();
  return {
    truncated: false,
    caller_ids: numbers.map((number, i) => ({
      number,
      series: [...new Set(dids.filter((d) => d.number === number).map((d) => d.series))],
      trunks: shown.filter((t) => t.default_did === number).map(({ trunk_id, label }) => ({ trunk_id, label })),
      routes: all
        .filter((r) => r.caller_id.dids.some((d) => d.number === number))
        .map(({ route_id, name, enabled }) => ({ route_id, name, enabled })),
      last_shown_at: i === 2 ? null : ago(i * 7 * minute + 12 * second),
    })),
  };
}

/** The attempts of a call that the first trunk could not carry. */
export function dialAttempts(start: number): Schema<"DialAttempt">[] {
  const at = (ms: number) => new Date(start + ms).toISOString();
  return [
    {
      trunk: "Mumbai",
      trunk_id: "trk_mumbai",
      state: "refused",
      sip_code: 503,
      rang: "no",
      started_at: at(7_960),
      ended_at: at(8_410),
      detail: "Service Unavailable",
    },
    {
      trunk: "Delhi",
      trunk_id: "trk_delhi",
      state: "answered",
      sip_code: 200,
      rang: "yes",
      started_at: at(8_420),
      ended_at: at(16_710),
      detail: "",
    },
  ];
}

/** The rules of permission; on an empty installation none was ever set. */
export function permissionRules(kind: Day): Schema<"PermissionRules"> {
  if (kind === "empty")
    return {
      version: 0,
      default_purpose: "service",
      do_not_call: [],
      frequency: { per_day: 0, per_week: 0, purposes: [] },
    };
  return {
    version: 4,
    default_purpose: "service",
    do_not_call: ["transactional", "promotional"],
    frequency: { per_day: 3, per_week: 10, purposes: ["transactional", "promotional"] },
    calling_hours: {
      zone: "Asia/Kolkata",
      open: [
        { purpose: "promotional", days: [1, 2, 3, 4, 5, 6], from: "09:00", to: "21:00" },
        { purpose: "transactional", days: [0, 1, 2, 3, 4, 5, 6], from: "08:00", to: "19:00" },
      ],
      holidays: [
        { date: "2026-12-25", name: "Christmas" },
        { date: "2027-01-26", name: "Republic Day" },
      ],
      closed_on_holidays: ["promotional"],
    },
  };
}

/** The do-not-call lists; an import of one is under way. */
export function doNotCall(kind: Day): Schema<"DoNotCall"> {
  if (kind === "empty") return { lists: [], imports: [] };
  return {
    lists: [
      { list_id: "dnc_registry", name: "National registry", created_at: ago(90 * day), numbers: 8_412_007 },
      { list_id: "dnc_own", name: "Own requests", created_at: ago(200 * day), numbers: 1_204 },
    ],
    imports: [
      {
        import_id: "imp_2",
        list_id: "dnc_registry",
        state: "running",
        taken: 3_120_000,
        refused: 0,
        faults: [],
        started_at: ago(3 * minute),
        updated_at: ago(second),
        started_by: "asha.rao",
      },
      {
        import_id: "imp_1",
        list_id: "dnc_own",
        state: "done",
        taken: 1_198,
        refused: 2,
        faults: ["Line 17 holds no ten-digit number.", "Line 803 has an expiry that is no date such as 2027-01-31."],
        started_at: ago(26 * hour),
        updated_at: ago(26 * hour),
        started_by: "asha.rao",
      },
    ],
  };
}

/** What is known of a number. */
export function standing(): Schema<"DoNotCallStanding"> {
  return {
    entries: [
      {
        list_id: "dnc_own",
        list: "Own requests",
        reason: "asked by e-mail",
        added_at: ago(40 * day),
        expires_at: ago(-325 * day),
      },
    ],
    dialed_day: 1,
    dialed_week: 4,
  };
}

const refused: Schema<"Permission"> = {
  allowed: false,
  refusal: "outside_calling_hours",
  opens_at: "2026-11-25T03:30:00Z",
  why: "It is Tue 21:10 in Asia/Kolkata, outside the calling hours for promotional calls.",
  purpose: "promotional",
  rules_version: 4,
};

/** Whether a number may be called: for service always, to promote not at that hour. */
export function permission(purpose: string | undefined): Schema<"Permission"> {
  if (purpose === "promotional") return refused;
  return { allowed: true, why: "No rule forbids it.", purpose: "service", rules_version: 4 };
}

/** What a number becomes on each trunk, and how a call to it would go. */
export function dialPreview(kind: Day, purpose: string | undefined): Schema<"DialPreview"> {
  const number = "9530251797";
  const promotes = purpose === "promotional" && kind !== "empty";
  const shown = kind === "empty" ? [] : trunks;
  // What the route chooses is shown on the trunks of the plan, which are those that are enabled.
  const routed = (t: Schema<"Trunk">) => (promotes && t.enabled ? "+911400012346" : undefined);
  return {
    customer_number: number,
    problems: [],
    route: promotes ? { route_id: "rt_promo", name: "Promotion in office hours" } : null,
    attempts: shown
      .filter((t) => t.enabled)
      .map((t) => ({
        trunk_id: t.trunk_id,
        label: t.label,
        dialed: t.prefix + number,
        did: routed(t) ?? t.default_did,
      })),
    permission: permission(purpose),
    trunks: shown.map((t) => ({
      trunk: t,
      picked: t.default,
      problems: [],
      dialed: t.prefix + number,
      did: routed(t) ?? t.default_did,
      steps: [
        {
          rule: "check_number",
          title: "The customer's number is exactly ten digits",
          before: number,
          after: number,
          ok: true,
        },
        {
          rule: "add_prefix",
          title: t.prefix
            ? `Put the trunk's prefix ${t.prefix} before the number`
            : "This trunk has no prefix: the number is dialed as it is",
          before: number,
          after: t.prefix + number,
          ok: true,
        },
        {
          rule: "choose_did",
          title: routed(t)
            ? "The CRM sends no caller ID: the route chooses it"
            : "The CRM sends no caller ID: the trunk's default is used",
          before: "",
          after: routed(t) ?? t.default_did,
          ok: true,
        },
        {
          rule: "normalise_did",
          title: "Write the caller ID in international form",
          before: routed(t) ?? t.default_did,
          after: routed(t) ?? t.default_did,
          ok: true,
        },
      ],
    })),
  };
}
