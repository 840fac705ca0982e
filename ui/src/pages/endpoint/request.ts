/** Reads headers as one types them, "Name: value" on each line. Empty text is none; a string says what is wrong. */
export function parseHeaders(text: string): Record<string, string> | string {
  const headers: Record<string, string> = {};
  const seen = new Set<string>();
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon < 1 || !/^[\w!#$%&'*+.^`|~-]+$/.test(name))
      return "Each line is a name, a colon and a value, such as X-Tenant: 42";
    if (seen.has(name.toLowerCase())) return `${name} is there twice`;
    seen.add(name.toLowerCase());
    headers[name] = line.slice(colon + 1).trim();
  }
  return seen.size > 20 ? "At most 20 headers" : headers;
}

/** Whether a URL leads to another scheme, host or port, where stored secrets do not go unless they are typed again. */
export function isElsewhere(url: string, stored: string): boolean {
  if (!URL.canParse(url.trim()) || !URL.canParse(stored)) return false;
  return new URL(url.trim()).origin !== new URL(stored).origin;
}
