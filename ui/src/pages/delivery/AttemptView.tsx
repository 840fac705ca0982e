import { Text } from "@mantine/core";
import type { Schema } from "@/api/client";
import { Code } from "@/components/Code";
import { Headers } from "@/components/Headers";
import { formatExact } from "@/format/time";
import { prettyJSON } from "@/format/text";
import { adviceFor } from "./advice";
import { CopyCurl } from "./CopyCurl";
import classes from "./Delivery.module.css";
import { Latency } from "./Latency";

/** One attempt: what was sent beside what came back. */
export function AttemptView({
  attempt: a,
  delivery,
  byLink,
}: {
  attempt: Schema<"Attempt">;
  delivery: Schema<"DeliveryDetail">;
  /** Nobody is logged in: a receiver's developer looks at it. */
  byLink?: boolean;
}) {
  return (
    <div className={classes.attempt}>
      {a.error && (
        <p className={classes.error}>
          {a.error}
          <span className={classes.advice}>{adviceFor(a)}</span>
        </p>
      )}
      <Latency attempt={a} />
      <div className={classes.sides}>
        <div>
          <h3>Request</h3>
          <Text size="sm" className={classes.line}>
            <b>POST</b> {a.url} <span className={classes.when}>{formatExact(new Date(a.started_at))}</span>
          </Text>
          {!byLink && <CopyCurl attempt={a} delivery={delivery} />}
          <Headers headers={a.request_headers} />
          <Code
            title="Body"
            text={prettyJSON(delivery.masked_body)}
            copyAs={delivery.masked_body}
            maxHeight={420}
            note="the number is masked"
          />
        </div>
        <div>
          <h3>Response</h3>
          <Text size="sm" className={classes.line}>
            {a.status === null ? (
              "No response"
            ) : (
              <>
                <b>{a.status}</b>
                {a.remote_address && <> from {a.remote_address}</>}
              </>
            )}
          </Text>
          <Headers headers={a.response_headers} />
          {a.status !== null && (
            <Code
              title="Body"
              text={a.response_body ? prettyJSON(a.response_body) : "(empty)"}
              copyAs={a.response_body}
              maxHeight={420}
              note={a.truncated ? "cut: only its beginning is kept" : undefined}
            />
          )}
        </div>
      </div>
    </div>
  );
}
