import { Alert, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { Empty, Page, Section, Sections } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Check } from "./Check";
import { Held } from "./Held";
import classes from "./Ledger.module.css";
import { Sum } from "./Sum";
import { formatNumber } from "@/format/locale";

const everyMs = 5_000;

/** What was accepted in a day, and where all of it is now. */
export function LedgerPage() {
  const ledger = useQuery({
    queryKey: ["ledger"],
    refetchInterval: everyMs,
    queryFn: () => read(api.GET("/api/admin/ledger")),
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
          <Section title="Sums">
            <Sums ledger={ledger.data} />
          </Section>
          {ledger.data.held && <Held held={ledger.data.held} />}
          <Check check={ledger.data.last_check} />
        </Sections>
      )}
    </Page>
  );
}

function Sums({ ledger }: { ledger: Schema<"Ledger"> }) {
  if (ledger.accepted === 0 && ledger.balanced && ledger.overdue === 0) {
    return (
      <Empty title="No calls in the last 24 hours">
        What a CRM opens is added up here. To see it happen, make a <Link to="/test-call">test call</Link>.
      </Empty>
    );
  }
  return (
    <>
      <Verdict balanced={ledger.balanced} />
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
            { name: "Acknowledged by the CRM", n: ledger.acknowledged, to: "/deliveries?state=delivered" },
            { name: "Waiting", n: ledger.waiting, to: "/deliveries?state=pending" },
            { name: "Parked", n: ledger.parked, to: "/deliveries?state=parked" },
            { name: "Dead", n: ledger.dead, to: "/deliveries?state=dead" },
            { name: "Without a delivery", n: ledger.missing, never: true },
          ]}
          total={{ name: "Outcomes", n: ledger.outcomes }}
        />
      </div>
    </>
  );
}

function Verdict({ balanced }: { balanced: boolean }) {
  return balanced ? (
    <Alert color="green" title="It adds up" role="status" mb="lg">
      Every accepted call lives or has its outcome, and every outcome is acknowledged or on its way.
    </Alert>
  ) : (
    <Alert color="red" title="It does not add up" role="alert" mb="lg">
      Rows were lost or changed beside click2call: a database that was restored, or somebody's own SQL. See
      “Click2callLedgerUnbalanced” in docs/operations.md for how to find them.
    </Alert>
  );
}
