import { Anchor } from "@mantine/core";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { DataTable, type Column } from "@/components/DataTable";
import { Section } from "@/components/Page";
import { ExactTime } from "@/components/Time";
import { formatMillis } from "@/format/duration";
import { nextWords, rangWords, replyWords } from "./attempts";
import classes from "./Evidence.module.css";

type Attempt = Schema<"DialAttempt">;

/** The trunks that a call was tried through: what each replied, whether a phone rang, and why the next was tried or was not. */
export function DialAttempts({ attempts }: { attempts: Attempt[] }) {
  if (attempts.length === 0) return null;
  const columns: Column<Attempt>[] = [
    {
      name: "Trunk",
      cell: (a) => (
        <>
          <span className={classes.number}>{attempts.indexOf(a) + 1}.</span>{" "}
          <Anchor component={Link} to={`/trunks/${encodeURIComponent(a.trunk_id)}`}>
            {a.trunk}
          </Anchor>
        </>
      ),
    },
    {
      name: "Reply",
      cell: (a) => (
        <>
          {replyWords(a)}
          {a.detail && <small className={classes.detail}>{a.detail}</small>}
        </>
      ),
    },
    { name: "A phone rang", cell: (a) => rangWords[a.rang] },
    { name: "Then", cell: (a) => nextWords(a, attempts[attempts.indexOf(a) + 1]), from: "tablet" },
    { name: "Dialed", cell: (a) => <ExactTime at={a.started_at} />, align: "right", from: "tablet" },
    { name: "Took", cell: tookOf, align: "right" },
  ];
  return (
    <Section
      title="Attempts"
      sentence="The trunks that it was tried through. Another one is tried only when it is certain that no phone rang."
    >
      <DataTable
        label="Attempts"
        columns={columns}
        rows={attempts}
        keyOf={(a) => a.started_at + a.trunk_id}
        empty={null}
      />
    </Section>
  );
}

function tookOf(a: Attempt): string {
  return a.ended_at ? formatMillis(new Date(a.ended_at).getTime() - new Date(a.started_at).getTime()) : "–";
}
