/** Writes whole seconds as people say them: "8s", "1m 32s", "2h 5m". */
export function formatDuration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return s % 60 === 0 ? `${s / 60}m` : `${Math.floor(s / 60)}m ${s % 60}s`;
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  if (h < 48) return m === 0 ? `${h}h` : `${h}h ${m}m`;
  return `${Math.floor(h / 24)}d ${h % 24}h`;
}

/** Writes milliseconds with as many digits as they deserve: "0.4ms", "12ms", "1.24s", "1m 32s". */
export function formatMillis(ms: number): string {
  if (ms < 0.95) return `${ms.toFixed(1)}ms`;
  if (ms < 999.5) return `${Math.round(ms)}ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)}s`;
  return formatDuration(ms / 1000);
}

/** The running clock of a call: "0:07", "12:30", "1:02:03". */
export function formatClock(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const m = Math.floor((s % 3600) / 60);
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}
