import { Anchor, Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty, Page } from "@/components/Page";
import { Reorder } from "@/components/Reorder";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { formatPercent } from "@/format/text";
import { useOverview } from "@/live/overview";
import { Dials, whyOf } from "./Dials";
import classes from "./Trunks.module.css";
import { useLiveKitTrunks } from "./livekit";
import { isTrunkFailure, useTrunkRecords } from "./records";

type Trunk = Schema<"Trunk">;

/** The trunks that calls leave by, in their order. */
export function TrunksPage() {
  const trunks = useTrunks();
  const may = useMay("operator");
  const health = useOverview().overview?.health.parts;
  const liveKit = useLiveKitTrunks();
  const records = useTrunkRecords();
  const recordOf = (t: Trunk) => records.data?.records.find((r) => r.trunk_id === t.trunk_id);
  const nameOf = (id: string) => liveKit.data?.find((t) => t.livekit_trunk_id === id)?.name || id;
  const add = (
    <Button component={Link} to="/trunks/new" leftSection={<IconPlus size={16} />}>
      Add a trunk
    </Button>
  );
  const columns: Column<Trunk>[] = [
    {
      name: "Label",
      cell: (t) => (
        <>
          <b className={classes.label}>{t.label}</b> {t.default && <span className={classes.phone}>Default</span>}
        </>
      ),
    },
    {
      name: "LiveKit trunk",
      cell: (t) => <span className={classes.livekit}>{nameOf(t.livekit_trunk_id)}</span>,
      from: "desktop",
    },
    {
      name: "Prefix",
      cell: (t) => (t.prefix ? <code className={classes.code}>{t.prefix}</code> : "–"),
      from: "tablet",
    },
    { name: "Default DID", cell: (t) => t.default_did || "–", from: "tablet" },
    {
      name: "Default",
      cell: (t) => t.default && <span className={classes.default}>Default</span>,
      width: "110px",
      from: "tablet",
    },
    { name: "Enabled", cell: (t) => <Enabled trunk={t} health={health} />, width: "110px" },
    { name: "Last 20 dials", cell: (t) => <Dials dials={recordOf(t)?.dials ?? []} />, width: "136px" },
    {
      name: "Answered today",
      cell: (t) => <Rate record={recordOf(t)} />,
      align: "right",
      width: "110px",
      from: "tablet",
    },
    { name: "Last failure", cell: (t) => <LastFailure record={recordOf(t)} />, from: "desktop" },
  ];
  return (
    <Page
      title="Trunks"
      sentence="SIP trunks we dial through. The dial prefix is internal — the CRM never sees it."
      action={may && add}
    >
      <DataTable
        label="Trunks"
        columns={columns}
        rows={trunks.data}
        keyOf={(t) => t.trunk_id}
        hrefOf={(t) => `/trunks/${t.trunk_id}`}
        error={trunks.error}
        retry={() => void trunks.refetch()}
        skeletons={3}
        actions={may ? (t) => <Order trunk={t} all={trunks.data ?? []} /> : undefined}
        empty={
          <Empty title="No trunks yet" action={may && add}>
            A trunk is how calls leave. Until there is one, every call is refused with no_trunk.
          </Empty>
        }
      />
      {trunks.data && trunks.data.length > 0 && (
        <p className={classes.note}>
          Calls leave by the default, and by the next of this order when it is certain that no phone rang; a trunk that
          fails comes last by itself.{" "}
          <Anchor component={Link} to="/routes" underline="always">
            Routes
          </Anchor>{" "}
          send some calls elsewhere. See where a number would go in the{" "}
          <Anchor component={Link} to="/dial-preview" underline="always">
            dial preview
          </Anchor>
          .
        </p>
      )}
    </Page>
  );
}

type Record = Schema<"TrunkRecord">;

function Rate({ record: r }: { record: Record | undefined }) {
  return <>{r ? formatPercent(r.answered, r.answered + r.not_answered + r.failed) : "–"}</>;
}

function LastFailure({ record }: { record: Record | undefined }) {
  const last = record?.dials.find(isTrunkFailure);
  if (!last) return <>–</>;
  return (
    <span className={classes.failure}>
      {whyOf(last)}, <RelativeTime at={last.ended_at} />
    </span>
  );
}

function Enabled({ trunk, health }: { trunk: Trunk; health: Schema<"HealthPart">[] | undefined }) {
  if (!trunk.enabled) return <StatusBadge state="disabled" />;
  const state = health?.find((h) => h.part === "trunk" && h.id === trunk.trunk_id)?.state;
  return state === "failing" ? <StatusBadge state="failing" /> : <StatusBadge state="ok" word="Enabled" quiet />;
}

function Order({ trunk, all }: { trunk: Trunk; all: Trunk[] }) {
  const order = useAction({
    run: (trunk_ids: string[]) => read(api.PUT("/api/admin/trunks/order", { body: { trunk_ids } })),
    touches: ["/api/admin/trunks"],
  });
  return (
    <Reorder
      id={trunk.trunk_id}
      name={trunk.label}
      all={all.map((t) => t.trunk_id)}
      order={order.mutate}
      pending={order.isPending}
    />
  );
}
