import { Alert, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { Facts, Page, Section, Sections } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { RelativeTime } from "@/components/Time";

type Ledger = Schema<"Ledger">;

const everyMs = 5_000;

/** What was accepted in a day, and where all of it is now. */
export function LedgerPage() {
  const ledger = useQuery({
    queryKey: ["ledger"],
    refetchInterval: everyMs,
    queryFn: () => read(api.GET("/api/admin/ledger")),
  });
  return (
    <Page title="Ledger" sentence="The calls of the last 24 hours: what was accepted, and where all of it is now." narrow>
      {ledger.isError && <ProblemAlert error={ledger.error} retry={() => void ledger.refetch()} />}
      {ledger.isPending && <Skeleton height={280} />}
      {ledger.data && <Sums ledger={ledger.data} />}
    </Page>
  );
}

function Sums({ ledger }: { ledger: Ledger }) {
  const count = (n: number) => n.toLocaleString("en");
  return (
    <Sections>
      {ledger.balanced ? (
        <Alert color="green" variant="light" title="It adds up" role="status">
          Every accepted call lives or has its outcome, and every outcome is acknowledged or on its way.
        </Alert>
      ) : (
        <Alert color="red" variant="light" title="It does not add up">
          Something is lost. See “Click2callLedgerUnbalanced” in docs/operations.md.
        </Alert>
      )}
      <Section title="Calls">
        <Facts
          items={[
            ["Accepted", <Link to="/calls">{count(ledger.accepted)}</Link>],
            ["Live", <Link to="/calls?status=live">{count(ledger.live)}</Link>],
            ["Outcomes", count(ledger.outcomes)],
          ]}
        />
      </Section>
      <Section title="Outcomes">
        <Facts
          items={[
            ["Acknowledged by the CRM", count(ledger.acknowledged)],
            ["Waiting or parked", <Link to="/deliveries?state=waiting">{count(ledger.waiting + ledger.parked)}</Link>],
            ["Dead", <Link to="/deliveries?state=dead">{count(ledger.dead)}</Link>],
            ["Without a delivery", count(ledger.missing)],
            ["More than a minute late", count(ledger.overdue)],
          ]}
        />
      </Section>
      <Check check={ledger.last_check} />
    </Sections>
  );
}

function Check({ check }: { check: Schema<"LedgerCheck"> | null }) {
  return (
    <Section title="Check against Temporal" sentence="Every five minutes, of all live calls and all waiting deliveries, whatever their age.">
      {check === null ? (
        <p>There was none yet.</p>
      ) : (
        <Facts
          items={[
            ["Last check", <RelativeTime at={check.at} />],
            ["Looked at", `${check.calls_checked.toLocaleString("en")} calls, ${check.deliveries_checked.toLocaleString("en")} deliveries`],
            ["Healed then", `${check.calls_ended} calls, ${check.deliveries_started} deliveries`],
            ["Healed since the beginning", `${check.calls_ended_total} calls, ${check.deliveries_started_total} deliveries`],
            ["Not healed yet", check.unresolved.length === 0 ? "none" : check.unresolved.join(", ")],
          ]}
        />
      )}
    </Section>
  );
}
