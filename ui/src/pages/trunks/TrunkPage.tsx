import { Alert, Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHeadset, IconPencil } from "@tabler/icons-react";
import { Link, Navigate, useParams } from "react-router";
import type { Schema } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { Loaded } from "@/components/Loaded";
import { Empty, Page } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { useOverview } from "@/live/overview";
import { ActionButton } from "@/pages/overview/actions";
import { DeleteTrunk } from "./DeleteTrunk";
import { TrunkForm } from "./TrunkForm";
import { TrunkRecord } from "./TrunkRecord";
import { useMakeDefault } from "./useMakeDefault";

type Trunk = Schema<"Trunk">;

const fresh: Schema<"TrunkInput"> = {
  label: "",
  livekit_trunk_id: "",
  prefix: "",
  default_did: "",
  default: false,
  enabled: true,
  max_concurrent_calls: 0,
  max_calls_per_second: 0,
};

/** Adds a trunk. */
export function NewTrunkPage() {
  const may = useMay("operator");
  const trunks = useTrunks();
  if (!may) return <Navigate to="/trunks" replace />;
  return (
    <Page
      title="Add a trunk"
      sentence="A trunk is how calls leave: a LiveKit SIP trunk, and what we put before the number."
      narrow
    >
      <TrunkForm start={{ ...fresh, default: trunks.data?.length === 0 }} />
    </Page>
  );
}

/** A trunk: how it does, its last dials, what it is made of; the form behind Edit. */
export function TrunkPage() {
  const { trunkID = "" } = useParams();
  const trunks = useTrunks();
  const bones = (
    <Page title="Trunk" heading={<Skeleton height={28} width={160} />}>
      <Skeleton height={300} />
    </Page>
  );
  return (
    <Loaded query={trunks} bones={bones}>
      {(all) => {
        const trunk = all.find((t) => t.trunk_id === trunkID);
        if (trunk) return <Content key={trunk.trunk_id} trunk={trunk} />;
        return (
          <Page title="There is no such trunk">
            <Empty title="There is no such trunk">It may have been removed; the list has those that are there.</Empty>
          </Page>
        );
      }}
    </Loaded>
  );
}

function Content({ trunk }: { trunk: Trunk }) {
  const may = useMay("operator");
  const [editing, { open, close }] = useDisclosure();
  const part = useOverview().overview?.health.parts.find((p) => p.part === "trunk" && p.id === trunk.trunk_id);
  const state = trunk.enabled ? (part?.state ?? "idle") : "disabled";
  const { trunk_id, ...start } = trunk;
  return (
    <Page
      title={trunk.label}
      heading={
        <>
          {trunk.label} <StatusBadge state={state} />
        </>
      }
      sentence={trunk.default ? "The default: new calls leave by it." : "Not the default."}
      action={may && (editing ? <DeleteTrunk trunk={trunk} /> : <Actions trunk={trunk} edit={open} />)}
    >
      {editing ? (
        <TrunkForm id={trunk_id} start={start} onDone={close} />
      ) : (
        <>
          {part?.what && (
            <Alert color="red" role="alert" mb="lg" title={part.what}>
              {part.means} {part.action?.kind === "make_default" && <ActionButton action={part.action} since={null} />}
            </Alert>
          )}
          <TrunkRecord trunk={trunk} />
        </>
      )}
    </Page>
  );
}

function Actions({ trunk, edit }: { trunk: Trunk; edit: () => void }) {
  const make = useMakeDefault();
  return (
    <>
      {!trunk.default && (
        <Button variant="default" loading={make.isPending} onClick={() => make.mutate(trunk)}>
          Make it the default
        </Button>
      )}
      <Button
        variant="default"
        component={Link}
        to={`/test-call?trunk_id=${encodeURIComponent(trunk.trunk_id)}`}
        leftSection={<IconHeadset size={16} />}
      >
        Test call
      </Button>
      <Button variant="default" leftSection={<IconPencil size={16} />} onClick={edit}>
        Edit
      </Button>
    </>
  );
}
