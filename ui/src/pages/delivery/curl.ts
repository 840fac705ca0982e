import type { Schema } from "@/api/client";

// What curl works out itself, or would send twice.
const own = new Set(["content-length", "host", "accept-encoding", "connection"]);

/**
 * Writes an attempt as a command for a shell. What the server keeps to itself, such as the key, is a variable of the shell. The signature
 * fits only the exact body, and receivers refuse one that is older than five minutes.
 */
export function curlOf(a: Pick<Schema<"Attempt">, "url" | "request_headers">, body: string): string {
  const headers = Object.entries(a.request_headers)
    .filter(([name]) => !own.has(name.toLowerCase()))
    .flatMap(([name, values]) => values.map((value) => `-H ${header(name, value)}`));
  return ["curl -i -X POST", ...headers, `--data-binary ${quoted(body)}`, quoted(a.url)].join(" \\\n  ");
}

function header(name: string, value: string): string {
  if (value !== "[redacted]") return quoted(`${name}: ${value}`);
  return `${quoted(`${name}: `)}"$${name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}"`;
}

/** A text as one word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
