import { presets } from "../timeRanges";

/** A list's filters under a name. */
export interface View {
  name: string;
  /** What stands in the address, but for the range of time. */
  filters: Record<string, string>;
  /** The name of a range that moves with the days, such as Today. */
  range?: string;
}

/** Which of the address's parameters a view has. */
export function paramsOf(view: View, now: Date): URLSearchParams {
  const params = new URLSearchParams(view.filters);
  const range = presets.find((p) => p.name === view.range)?.range(now);
  if (range?.since) params.set("since", range.since);
  if (range?.until) params.set("until", range.until);
  return params;
}

/** Makes a view of an address. A range that is one of those with a name keeps it: tomorrow, Today is another day. */
export function viewOf(name: string, params: URLSearchParams, names: readonly string[], now: Date): View {
  const filters = Object.fromEntries(names.flatMap((n) => (params.has(n) ? [[n, params.get(n) ?? ""]] : [])));
  const range = presets.find(({ range }) => {
    const { since, until } = range(now);
    return since === params.get("since") && until === params.get("until");
  })?.name;
  if (!range) return { name, filters };
  delete filters.since;
  delete filters.until;
  return { name, filters, range };
}

/** Whether an address shows a view. */
export function shows(view: View, params: URLSearchParams, names: readonly string[], now: Date): boolean {
  const of = paramsOf(view, now);
  return names.every((n) => of.get(n) === params.get(n));
}

const mostViews = 20;
const place = (list: string) => `click2call.views.${list}`;

/** The views that somebody saved in this browser. What is not one is left out: another version may have written it. */
export function savedViews(list: string, storage: Storage = localStorage): View[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(place(list)) ?? "[]");
    return Array.isArray(found) ? found.filter(isView).slice(0, mostViews) : [];
  } catch {
    return [];
  }
}

/** Keeps the views of a list, the newest 20; one of the same name is replaced. */
export function saveViews(list: string, views: View[], storage: Storage = localStorage): View[] {
  const kept = views.filter((v, i) => views.findLastIndex((w) => w.name === v.name) === i).slice(-mostViews);
  storage.setItem(place(list), JSON.stringify(kept));
  return kept;
}

function isView(v: unknown): v is View {
  if (typeof v !== "object" || v === null || !("name" in v) || !("filters" in v)) return false;
  return (
    typeof v.name === "string" &&
    typeof v.filters === "object" &&
    v.filters !== null &&
    Object.values(v.filters).every((f) => typeof f === "string")
  );
}
