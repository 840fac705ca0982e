import { locale } from "./locale";
const steps: [limit: number, divisor: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [30 * 86_400, 86_400, "day"],
  [365 * 86_400, 30 * 86_400, "month"],
  [Infinity, 365 * 86_400, "year"],
];

// Formats take tens of milliseconds to make on a cold start, so each is made when it is first needed.
const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }));

/** Writes how far at lies from now: "12 sec. ago", "in 5 min.", "yesterday". */
export function formatRelative(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  if (Math.abs(seconds) < 2) return "now";
  for (const [limit, divisor, unit] of steps) {
    if (Math.abs(seconds) < limit) return relative().format(Math.trunc(seconds / divisor), unit);
  }
  return at.toISOString();
}

// Chromium still tells the names that IANA has replaced.
const renamed: Record<string, string> = {
  "Asia/Calcutta": "Asia/Kolkata",
  "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon",
  "Asia/Saigon": "Asia/Ho_Chi_Minh",
};
const told = browsersZone();

/** What the browser reports; UTC where it reports none. */
function browsersZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** The operator's own zone, for example "Asia/Kolkata". */
export const zone = renamed[told] ?? told;

const exact = once(
  () =>
    new Intl.DateTimeFormat(locale, {
      weekday: "short",
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      hourCycle: "h23",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
      timeZoneName: "short",
    }),
);

/** Writes a moment exactly, in the operator's zone. */
export function formatExact(at: Date): string {
  return exact().format(at);
}

const clock = once(
  () => new Intl.DateTimeFormat(locale, { hour: "2-digit", hourCycle: "h23", minute: "2-digit", second: "2-digit" }),
);
const dayAndClock = once(
  () =>
    new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      hour: "2-digit",
      hourCycle: "h23",
      minute: "2-digit",
    }),
);
const dayYear = once(() => new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" }));

const whole = once(
  () =>
    new Intl.DateTimeFormat(locale, {
      day: "numeric",
      month: "short",
      year: "numeric",
      hour: "2-digit",
      hourCycle: "h23",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "short",
    }),
);

/** Writes a moment with its day and zone: "24 Nov 2026, 14:24:12 IST". */
export function formatDayClock(at: Date): string {
  return whole().format(at);
}

/** Writes a moment to the minute with its day: "24 Nov, 14:00". */
export function formatDayHour(at: Date): string {
  return dayAndClock().format(at);
}

/** Writes the clock of a moment in the operator's zone: "14:24:12". */
export function formatClockTime(at: Date): string {
  return clock().format(at);
}

/** Writes a moment shortly: the clock for today, the day for others. */
export function formatShort(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return clock().format(at);
  return at.getFullYear() === now.getFullYear() ? dayAndClock().format(at) : dayYear().format(at);
}

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}
