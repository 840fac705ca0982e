/** What a carrier's final reply means (RFC 3261 section 21, and others), as operators say it. */
const words: Record<number, string> = {
  200: "answered",
  400: "bad request",
  401: "login asked for",
  403: "forbidden",
  404: "no such number",
  407: "login asked for by a proxy",
  408: "no reply in time",
  410: "number is gone",
  415: "no common media",
  480: "not reachable now",
  481: "no such dialog",
  484: "number incomplete",
  486: "busy",
  487: "cancelled",
  488: "not acceptable here",
  500: "server error",
  501: "not implemented",
  502: "bad gateway",
  503: "service unavailable",
  504: "server timeout",
  600: "busy everywhere",
  603: "declined",
  604: "exists nowhere",
  607: "unwanted",
  608: "rejected by analytics",
};

const classes: Record<number, string> = { 4: "refused", 5: "the carrier failed", 6: "refused everywhere" };

/** Writes a SIP code with what it means: "503 service unavailable". */
export function sipWords(code: number): string {
  const word = words[code] ?? classes[Math.floor(code / 100)];
  return word ? `${code} ${word}` : String(code);
}
