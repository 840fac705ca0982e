import { Skeleton } from "@mantine/core";
import { Navigate, useParams } from "react-router";
import type { Schema } from "@/api/client";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { Empty, Page } from "@/components/Page";
import { ProblemPage } from "@/components/ProblemAlert";
import { DeleteTrunk } from "./DeleteTrunk";
import { TrunkForm } from "./TrunkForm";

const fresh: Schema<"TrunkInput"> = {
  label: "",
  livekit_trunk_id: "",
  prefix: "",
  default_did: "",
  default: false,
  enabled: true,
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

/** Changes a trunk. */
export function TrunkPage() {
  const { trunkID = "" } = useParams();
  const trunks = useTrunks();
  const may = useMay("operator");
  if (trunks.error && !trunks.data) return <ProblemPage error={trunks.error} retry={() => void trunks.refetch()} />;
  if (!trunks.data)
    return (
      <Page title="Trunk" heading={<Skeleton height={28} width={160} />} narrow>
        <Skeleton height={300} />
      </Page>
    );
  const trunk = trunks.data.find((t) => t.trunk_id === trunkID);
  if (!trunk)
    return <Empty title="There is no such trunk">It may have been removed; the list has those that are there.</Empty>;
  const { trunk_id, ...start } = trunk;
  return (
    <Page title={trunk.label} action={may && <DeleteTrunk trunk={trunk} />} narrow>
      <TrunkForm key={trunk_id} id={trunk_id} start={start} readOnly={!may} />
    </Page>
  );
}
