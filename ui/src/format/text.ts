import { formatNumber } from "./locale";
/** Shortens an identifier in the middle, where it says least: "c2c_3k7qv5…d7hnru". */
export function shortenMiddle(id: string, head = 10, tail = 5): string {
  return id.length <= head + tail + 1 ? id : `${id.slice(0, head)}…${id.slice(-tail)}`;
}

/** Writes a count with its noun: "1 call", "12 calls". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${formatNumber(n)} ${n === 1 ? one : many}`;
}

/** Writes a share as a percentage, or a dash when there is nothing to share. */
export function formatPercent(part: number, whole: number): string {
  if (whole === 0) return "–";
  const p = (100 * part) / whole;
  if (p > 99 && p < 100) return `${(Math.floor(10 * p) / 10).toFixed(1)}%`; // 100% is all
  return `${p > 0 && p < 10 ? p.toFixed(1) : Math.round(p)}%`;
}

/** Indents JSON for reading; text that is no JSON is returned as it is. */
export function prettyJSON(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Begins a sentence. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
