import { Button, Group, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil } from "@tabler/icons-react";
import { Link, useParams } from "react-router";
import type { Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { Loaded } from "@/components/Loaded";
import { Empty, Facts, Page, Section } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { Bench } from "./Bench";
import classes from "./Endpoint.module.css";
import { lookOf, useEndpoints } from "./endpoints";
import { PauseEndpoint } from "./PauseEndpoint";
import { ReceiverLinks } from "./ReceiverLinks";
import { Secrets } from "./Secrets";
import { TargetForm } from "./TargetForm";
import { Traffic } from "./Traffic";
import { formatNumber } from "@/format/locale";

/** The place that outcomes go to: how it does, what signs for it, and a bench for its receiver. */
export function EndpointPage() {
  const { endpointID = "" } = useParams();
  const endpoints = useEndpoints();
  const bones = (
    <Page title="CRM webhook">
      <Skeleton height={360} />
    </Page>
  );
  return (
    <Loaded query={endpoints} bones={bones}>
      {(all) => {
        const endpoint = all.find((e) => e.endpoint_id === endpointID || (endpointID === "default" && e.default));
        if (endpoint) return <Content key={endpointID} endpoint={endpoint} />;
        return (
          <Page title="CRM webhook">
            <Empty title="There is no such endpoint">
              Outcomes go to one URL: see <Link to="/settings">Settings</Link>.
            </Empty>
          </Page>
        );
      }}
    </Loaded>
  );
}

function Content({ endpoint: e }: { endpoint: Schema<"Endpoint"> }) {
  const look = lookOf(e);
  const may = useMay("admin");
  const [editing, { open, close }] = useDisclosure();
  return (
    <Page
      title="CRM webhook"
      heading={
        <>
          CRM webhook <StatusBadge state={look.state} word={look.word} />
        </>
      }
      sentence={<Where endpoint={e} />}
      action={
        may &&
        !editing && (
          <Group gap="xs">
            <PauseEndpoint endpoint={e} />
            <Button variant="default" leftSection={<IconPencil size={16} />} onClick={open}>
              Change
            </Button>
          </Group>
        )
      }
    >
      {editing ? (
        <TargetForm endpoint={e} onChanged={close} onCancel={close} />
      ) : (
        <Facts
          items={[
            [
              "URL",
              <code key="u" className={classes.url}>
                {e.url}
              </code>,
            ],
            ["X-api-key", e.api_key.set ? `••••${e.api_key.last_four}` : "none is sent"],
            ["Custom headers", e.header_names.join(", ") || "none"],
            ["Client certificate", e.client_certificate ? "is shown to the receiver" : "none"],
            [
              "Custom CA",
              e.custom_ca ? "the receiver's certificate is checked against it" : "none, public authorities",
            ],
          ]}
        />
      )}
      {e.health.reason && (
        <Section title="Latest failure">
          <p className={classes.failure}>{e.health.reason}</p>
        </Section>
      )}
      <Traffic endpointID={e.endpoint_id} />
      <Secrets endpoint={e} />
      <Bench endpointID={e.endpoint_id} />
      {may && <ReceiverLinks endpointID={e.endpoint_id} />}
    </Page>
  );
}

function Where({ endpoint: { state, health } }: { endpoint: Schema<"Endpoint"> }) {
  if (state === "paused") return <>Deliveries are on hold until somebody resumes it. None is lost.</>;
  switch (health.state) {
    case "open":
      return (
        <>
          So many attempts failed that deliveries are on hold
          {health.opened_at && (
            <>
              {" "}
              since <RelativeTime at={health.opened_at} />
            </>
          )}
          ; probes tell when it is back, and then they go out.
        </>
      );
    case "failing":
      return (
        <>
          The latest {formatNumber(health.failures)} in a row failed
          {health.failing_since && (
            <>
              , since <RelativeTime at={health.failing_since} />
            </>
          )}
          . Each is tried again on its schedule.
        </>
      );
    default:
      return <>Every call's outcome is posted here. The latest attempt went well.</>;
  }
}
