const units: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };

/** Reads "45s", "1m 30s", "2h" or "200ms" as seconds; a number alone counts seconds. Null when it is none of these. */
export function parseDuration(text: string): number | null {
  const clean = text.trim().toLowerCase();
  if (/^\d+$/.test(clean)) return Number(clean);
  if (!/^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$/.test(clean)) return null;
  let seconds = 0;
  for (const [, n, unit = "s"] of clean.matchAll(/(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)/g))
    seconds += Number(n) * (units[unit] ?? 0);
  return Math.round(seconds * 1000) / 1000;
}

/** Writes seconds so that parseDuration reads the same again: "45s", "1m 30s", "200ms". */
export function writeDuration(seconds: number): string {
  if (seconds === 0) return "0s";
  let rest = Math.round(seconds * 1000);
  const parts: string[] = [];
  for (const [unit, size] of [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["m", 60_000],
    ["s", 1000],
    ["ms", 1],
  ] as const) {
    const n = Math.floor(rest / size);
    if (n > 0) parts.push(`${n}${unit}`);
    rest -= n * size;
  }
  return parts.join(" ");
}

/** Reads a schedule, waits separated by commas. Null when one of them is no duration. */
export function parseSchedule(text: string): number[] | null {
  const waits = text.split(",").map((part) => parseDuration(part));
  return waits.includes(null) ? null : (waits as number[]);
}
