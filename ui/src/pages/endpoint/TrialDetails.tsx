import { Alert } from "@mantine/core";
import { IconBulb } from "@tabler/icons-react";
import type { Schema } from "@/api/client";
import { Code } from "@/components/Code";
import { Headers } from "@/components/Headers";
import { StatusBadge } from "@/components/Status";
import { formatMillis } from "@/format/duration";
import { prettyJSON } from "@/format/text";
import classes from "./Endpoint.module.css";

/** What a trial sends and expects, what came, and what to change. */
export function TrialDetails({ trial, result }: { trial: Schema<"Trial">; result: Schema<"TrialResult"> | undefined }) {
  return (
    <div className={classes.details}>
      <dl className={classes.facts}>
        <dt>Sends</dt>
        <dd>{trial.sends}</dd>
        <dt>Expects</dt>
        <dd>{trial.expects}</dd>
        {result && (
          <>
            <dt>Came</dt>
            <dd>{result.came}</dd>
          </>
        )}
      </dl>
      {result?.advice && (
        <Alert color="yellow" icon={<IconBulb size={18} />} title="What to change">
          {result.advice}
        </Alert>
      )}
      {result?.exchanges.map((e, i) => (
        <Exchange key={i} exchange={e} />
      ))}
    </div>
  );
}

function Exchange({ exchange: e }: { exchange: Schema<"TrialExchange"> }) {
  return (
    <section className={classes.exchange}>
      <h4>
        <StatusBadge state={e.ok ? "ok" : "failing"} word={e.ok ? "As expected" : "Not as expected"} quiet={e.ok} />{" "}
        {e.what}
      </h4>
      <div className={classes.sides}>
        <div>
          <p>
            <b>POST</b> {e.event_id}
          </p>
          <Headers headers={e.request_headers} />
          <Code title="Body" text={prettyJSON(e.request_body)} copyAs={e.request_body} maxHeight={280} />
        </div>
        <div>
          <p>
            {e.status === null ? (
              e.error || "No response"
            ) : (
              <>
                <b>{e.status}</b> in {formatMillis(e.total_ms)}
              </>
            )}
          </p>
          <Headers headers={e.response_headers} />
          {e.status !== null && (
            <Code
              title="Body"
              text={e.response_body ? prettyJSON(e.response_body) : "(empty)"}
              copyAs={e.response_body}
              maxHeight={280}
              note={e.truncated ? "cut: only its beginning is shown" : undefined}
            />
          )}
        </div>
      </div>
    </section>
  );
}
