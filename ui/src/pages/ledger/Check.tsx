import type { Schema } from "@/api/client";
import { Ident } from "@/components/Ident";
import { Facts, Section } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { count } from "@/format/text";
import classes from "./Ledger.module.css";
import { formatNumber } from "@/format/locale";

/** Whether everything that the books call unfinished has a workflow behind it, and what was done where it had none. */
export function Check({ check }: { check: Schema<"LedgerCheck"> | null }) {
  return (
    <Section
      title="Check against Temporal"
      sentence="Every five minutes, of all live calls and all waiting deliveries, whatever their age. Those without a workflow are repaired."
    >
      {check === null ? (
        <p>The first one is still to come.</p>
      ) : (
        <>
          <Facts
            items={[
              ["Last check", <RelativeTime at={check.at} />],
              ["Checked", things(check.calls_checked, check.deliveries_checked)],
              ["Repaired in the last check", repaired(check.calls_ended, check.deliveries_started)],
              ["Repaired in total", repaired(check.calls_ended_total, check.deliveries_started_total)],
            ]}
          />
          {check.unresolved.length > 0 && <Unresolved ids={check.unresolved} />}
        </>
      )}
    </Section>
  );
}

function Unresolved({ ids }: { ids: string[] }) {
  return (
    <div className={classes.unresolved} role="alert">
      <StatusBadge state="failing" word={`${formatNumber(ids.length)} not repaired yet`} />
      <p>
        Usually LiveKit does not answer, and a room must be gone before its call can end. The next check tries again.
      </p>
      <ul aria-label="Not repaired yet">
        {ids.map((id) => (
          <li key={id}>
            <Ident
              value={id}
              name={id.startsWith("evt_") ? "event id" : "call id"}
              to={id.startsWith("evt_") ? `/deliveries/${id}` : `/calls/${id}`}
              whole
            />
          </li>
        ))}
      </ul>
    </div>
  );
}

function things(calls: number, deliveries: number): string {
  return `${count(calls, "call")}, ${count(deliveries, "delivery", "deliveries")}`;
}

function repaired(calls: number, deliveries: number): string {
  return calls + deliveries === 0 ? "nothing" : things(calls, deliveries);
}
