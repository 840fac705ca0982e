import type { operations } from "@/api/admin.gen";
import { path } from "@/app/base";
import type { View } from "@/components/list/views";
import { zone } from "@/format/time";

/** What the list of calls and its export can be narrowed by. */
export type CallQuery = NonNullable<operations["exportCalls"]["parameters"]["query"]>;

/** The filters of the list of calls, as they stand in the address. */
export const filterNames = [
  "since",
  "until",
  "status",
  "call_status",
  "reason",
  "sip_code",
  "trunk_id",
  "agent_id",
  "case_id",
  "number",
  "weekday",
  "hour",
] as const;

/** The days of the week as the API counts them. */
export const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].map(
  (label, i) => ({ value: String(i + 1), label }),
);

/** The hours of the day. */
export const hours = Array.from({ length: 24 }, (_, h) => ({
  value: String(h),
  label: `${String(h).padStart(2, "0")}:00 – ${String(h).padStart(2, "0")}:59`,
}));

export const outcomes: { value: NonNullable<CallQuery["call_status"]>; label: string }[] = [
  { value: "ANSWERED", label: "Answered" },
  { value: "NOT_ANSWERED", label: "Not answered" },
  { value: "FAILED", label: "Failed" },
];

/** Reads the filters from the address. What the address says wrongly, the server refuses with words. */
export function queryOf(get: (name: string) => string | null): CallQuery {
  const text = (name: string) => get(name) ?? undefined;
  const number = (name: string) => (get(name) ? Number(get(name)) : undefined);
  const onWall = get("weekday") !== null || get("hour") !== null;
  return {
    since: text("since"),
    until: text("until"),
    trunk_id: text("trunk_id"),
    agent_id: text("agent_id"),
    case_id: text("case_id"),
    number: text("number"),
    status: text("status") as CallQuery["status"],
    call_status: text("call_status") as CallQuery["call_status"],
    reason: text("reason") as CallQuery["reason"],
    sip_code: number("sip_code"),
    weekday: number("weekday"),
    hour: number("hour"),
    tz: onWall ? (text("tz") ?? zone) : undefined,
  };
}

/** Where the same calls can be downloaded: as CSV for programs, as a workbook with the operator's clock for people. */
export function exportURL(query: CallQuery, form: "csv" | "xlsx"): string {
  const params = new URLSearchParams();
  const asked = form === "xlsx" ? { ...query, tz: query.tz ?? zone } : query;
  for (const [name, value] of Object.entries<string | number | undefined>(asked))
    if (value !== undefined) params.set(name, String(value));
  return `${path}/api/admin/calls.${form}${params.size > 0 ? `?${params}` : ""}`;
}

/** The views that people look for first. */
export const readyViews: View[] = [
  { name: "All", filters: {} },
  { name: "Live", filters: { status: "live" } },
  { name: "Failed today", filters: { call_status: "FAILED" }, range: "Today" },
  { name: "Not answered today", filters: { call_status: "NOT_ANSWERED" }, range: "Today" },
];
