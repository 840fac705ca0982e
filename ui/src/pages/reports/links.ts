/** What a report is about. */
export interface Scope {
  since: string;
  until: string;
  trunk_id?: string;
  agent_id?: string;
}

/** The list of the calls behind a number of the report. */
export function callsHref(scope: Scope, more: Record<string, string | undefined> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ status: "ended", ...scope, ...more }))
    if (value) params.set(name, value);
  return `/calls?${params}`;
}

/** The page about an agent or a trunk in the same time. */
export function weekHref(of: "agents" | "trunks", id: string, { since, until }: Scope): string {
  return `/reports/${of}/${encodeURIComponent(id)}?${new URLSearchParams({ since, until })}`;
}
