import { Alert, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { Empty, Page, Section, Sections } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { count } from "@/format/text";
import { Check } from "./Check";
import { Held } from "./Held";
import classes from "./Ledger.module.css";
import { Sum } from "./Sum";
import { formatNumber } from "@/format/locale";

const everyMs = 5_000;

/** What was accepted in a day, and where all of it is now. */
export function LedgerPage() {
  const ledger = useQuery({
    ...ask("/api/admin/ledger"),
    refetchInterval: everyMs,
  });
  return (
    <Page
      title="Ledger"
      sentence="The calls of the last 24 hours: what was accepted, and where all of it is now."
      narrow
    >
      {ledger.isError && <ProblemAlert error={ledger.error} retry={() => void ledger.refetch()} />}
      {ledger.isPending && <Skeleton height={280} />}
      {ledger.data && (
        <Sections>
          <Section title="Reconciliation">
            <Accounts ledger={ledger.data} />
          </Section>
          {ledger.data.held && <Held held={ledger.data.held} />}
          <Check check={ledger.data.last_check} />
        </Sections>
      )}
    </Page>
  );
}

function Accounts({ ledger }: { ledger: Schema<"Ledger"> }) {
  if (ledger.accepted === 0 && ledger.balanced && ledger.overdue === 0) {
    return (
      <Empty title="No calls in the last 24 hours">
        What a CRM opens is added up here. To see it happen, make a <Link to="/test-call">test call</Link>.
      </Empty>
    );
  }
  return (
    <>
      <Verdict ledger={ledger} />
      {ledger.overdue > 0 && (
        <Alert
          color="yellow"
          title={`${formatNumber(ledger.overdue)} ${ledger.overdue === 1 ? "delivery is" : "deliveries are"} more than a minute late`}
          role="alert"
          mb="lg"
        >
          Their attempts are due and nobody makes them. See “Click2callDeliveriesOverdue” in docs/operations.md.
        </Alert>
      )}
      <div className={classes.accounts}>
        <Sum
          label="Calls"
          lines={[
            { name: "Live", n: ledger.live, to: "/calls?status=live" },
            { name: "With an outcome", n: ledger.outcomes },
          ]}
          total={{ name: "Accepted", n: ledger.accepted, to: `/calls?since=${encodeURIComponent(ledger.since)}` }}
        />
        <Sum
          label="Outcomes"
          lines={[
            { name: "Acknowledged by the CRM", n: ledger.acknowledged, to: deliveries(ledger, "delivered") },
            { name: "Waiting for retry", n: ledger.waiting, to: deliveries(ledger, "pending") },
            { name: "On hold", n: ledger.parked, to: deliveries(ledger, "parked") },
            { name: "Failed for good", n: ledger.dead, to: deliveries(ledger, "dead") },
            { name: "Without a delivery", n: ledger.missing, never: true },
          ]}
          total={{ name: "Outcomes", n: ledger.outcomes }}
        />
      </div>
    </>
  );
}

/** The sentence over the accounts. What failed for good is neither acknowledged nor on its way, and is said first. */
function Verdict({ ledger }: { ledger: Schema<"Ledger"> }) {
  if (!ledger.balanced) {
    return (
      <Alert color="red" title="It does not add up" role="alert" mb="lg">
        Rows were lost or changed beside click2call: a database that was restored, or somebody's own SQL. See
        “Click2callLedgerUnbalanced” in docs/operations.md for how to find them.
      </Alert>
    );
  }
  const unheard = count(ledger.dead, "outcome");
  if (ledger.dead > 0) {
    return (
      <Alert color="red" title={`${unheard} never reached the CRM`} role="alert" mb="lg">
        Every attempt of the schedule failed. Nothing is lost: see why on{" "}
        <Link to={deliveries(ledger, "dead")}>the deliveries</Link>, then{" "}
        <Link to={`/deliveries/replay?state=dead&since=${encodeURIComponent(ledger.since)}`}>replay them</Link>.
        Everything else is accounted for.
      </Alert>
    );
  }
  const late = ledger.waiting + ledger.parked;
  return (
    <Alert color="green" title="Everything is accounted for" role="status" mb="lg">
      Every accepted call is live or has its outcome.{" "}
      {late === 0
        ? "The CRM has acknowledged every outcome."
        : `The CRM has not acknowledged ${count(late, "outcome")} yet: they are tried again or on hold.`}
    </Alert>
  );
}

/** The deliveries behind a number: of the same day. */
function deliveries(ledger: Schema<"Ledger">, state: string): string {
  return `/deliveries?state=${state}&since=${encodeURIComponent(ledger.since)}`;
}
