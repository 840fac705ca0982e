import { Text } from "@mantine/core";
import type { Schema } from "@/api/client";
import { Code } from "@/components/Code";
import { formatExact } from "@/format/time";
import { prettyJSON } from "@/format/text";
import classes from "./Delivery.module.css";
import { Latency } from "./Latency";

/** One attempt: what was sent beside what came back. */
export function AttemptView({ attempt: a, delivery }: { attempt: Schema<"Attempt">; delivery: Schema<"DeliveryDetail"> }) {
  return (
    <div className={classes.attempt}>
      {a.error && <p className={classes.error}>{a.error}</p>}
      <Latency attempt={a} />
      <div className={classes.sides}>
        <div>
          <h3>Request</h3>
          <Text size="sm" className={classes.line}>
            <b>POST</b> {a.url} <span className={classes.when}>{formatExact(new Date(a.started_at))}</span>
          </Text>
          <Headers headers={requestHeaders(a, delivery.delivery.event_id)} />
          <Code title="Body" text={prettyJSON(delivery.masked_body)} copyAs={delivery.masked_body} maxHeight={420} note="the number is masked" />
        </div>
        <div>
          <h3>Response</h3>
          <Text size="sm" className={classes.line}>
            {a.status === null ? "No response" : <><b>{a.status}</b>{a.remote_address && <> from {a.remote_address}</>}</>}
          </Text>
          <Headers headers={Object.entries(a.response_headers).flatMap(([name, values]) => values.map((v): [string, string] => [name, v]))} />
          {a.status !== null && (
            <Code title="Body" text={a.response_body ? prettyJSON(a.response_body) : "(empty)"} copyAs={a.response_body} maxHeight={420} note={a.truncated ? "cut: only its beginning is kept" : undefined} />
          )}
        </div>
      </div>
    </div>
  );
}

function requestHeaders(a: Schema<"Attempt">, eventID: string): [string, string][] {
  return [
    ["webhook-id", eventID],
    ["webhook-timestamp", String(Math.floor(new Date(a.started_at).getTime() / 1000))],
  ];
}

function Headers({ headers }: { headers: [string, string][] }) {
  if (headers.length === 0) return null;
  return (
    <dl className={classes.headers}>
      {headers.map(([name, value], i) => (
        <div key={i}>
          <dt>{name.toLowerCase()}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
