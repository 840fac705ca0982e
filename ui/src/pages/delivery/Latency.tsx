import type { Schema } from "@/api/client";
import { formatMillis } from "@/format/duration";
import classes from "./Delivery.module.css";

/** Where the time of an attempt went, to scale. */
export function Latency({ attempt: a }: { attempt: Schema<"Attempt"> }) {
  const connected = a.dns_ms + a.connect_ms + a.tls_ms;
  const waited = Math.max(0, a.first_byte_ms - connected);
  const read = a.first_byte_ms > 0 ? Math.max(0, a.total_ms - a.first_byte_ms) : Math.max(0, a.total_ms - connected);
  const parts: [string, number][] = [
    ["DNS", a.dns_ms],
    ["Connect", a.connect_ms],
    ["TLS", a.tls_ms],
    ["First byte", waited],
    [a.first_byte_ms > 0 ? "Rest" : "Waiting", read],
  ];
  const there = parts.filter(([, ms]) => ms >= 0.05);
  if (a.total_ms <= 0) return null;
  return (
    <div className={classes.latency}>
      <div className={classes.bar} aria-hidden="true">
        {there.map(([name, ms]) => (
          <span key={name} data-part={name} style={{ flexGrow: ms / a.total_ms }} />
        ))}
      </div>
      <ul>
        {there.map(([name, ms]) => (
          <li key={name} data-part={name}>
            {name} {formatMillis(ms)}
          </li>
        ))}
        <li>
          <b>Total {formatMillis(a.total_ms)}</b>
        </li>
      </ul>
    </div>
  );
}
