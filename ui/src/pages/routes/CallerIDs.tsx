import { Anchor, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty, Section } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { AddCallerID } from "./AddCallerID";
import classes from "./Routes.module.css";
import { seriesWords } from "./words";

type CallerID = Schema<"KnownCallerID">;

/** The numbers that customers may see, what shows each, and when a call last did. */
export function CallerIDs({ routes }: { routes: Schema<"Route">[] }) {
  const may = useMay("operator");
  const [adding, { open, close }] = useDisclosure();
  const list = useQuery(ask("/api/admin/caller-ids"));
  const columns: Column<CallerID>[] = [
    {
      name: "Number",
      cell: (c) => (
        <>
          <b className={classes.number}>{c.number}</b>
          <span className={classes.below}>
            <LastCall of={c} />
          </span>
        </>
      ),
    },
    { name: "Series", cell: (c) => <Series of={c} />, width: "190px" },
    { name: "Shown by", cell: (c) => <ShownBy of={c} /> },
    { name: "Last call", cell: (c) => <LastCall of={c} />, width: "120px", from: "tablet" },
  ];
  return (
    <Section
      title="Caller IDs"
      sentence="The numbers that customers see. Each belongs to its trunk or its route, and is changed there."
      action={
        may &&
        routes.length > 0 && (
          <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} onClick={open}>
            Add a number
          </Button>
        )
      }
    >
      <DataTable
        label="Caller IDs"
        columns={columns}
        rows={list.data?.caller_ids}
        keyOf={(c) => c.number}
        error={list.error}
        retry={() => void list.refetch()}
        skeletons={3}
        empty={<Empty title="No numbers">A trunk brings its default caller ID; a route may have more.</Empty>}
      />
      {list.data?.truncated && <p className={classes.note}>There are more than a thousand; these are the first.</p>}
      {adding && <AddCallerID routes={routes} close={close} />}
    </Section>
  );
}

function LastCall({ of }: { of: CallerID }) {
  return of.last_shown_at ? <RelativeTime at={of.last_shown_at} short /> : <>none yet</>;
}

function Series({ of }: { of: CallerID }) {
  if (of.series.length > 1) return <StatusBadge state="NOT_ANSWERED" word="Two series" />;
  return <>{of.series[0] ? seriesWords(of.series[0]) : "–"}</>;
}

function ShownBy({ of }: { of: CallerID }) {
  return (
    <ul className={classes.uses}>
      {of.routes.map((r) => (
        <li key={r.route_id}>
          route{" "}
          <Anchor component={Link} to={`/routes/${r.route_id}`} underline="always">
            {r.name}
          </Anchor>
          {!r.enabled && " (disabled)"}
        </li>
      ))}
      {of.trunks.map((t) => (
        <li key={t.trunk_id}>
          default of{" "}
          <Anchor component={Link} to={`/trunks/${t.trunk_id}`} underline="always">
            {t.label}
          </Anchor>
        </li>
      ))}
    </ul>
  );
}
