import { Anchor, Button, Skeleton } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { HangUp } from "@/components/HangUp";
import { Ident } from "@/components/Ident";
import { Facts, Page, Section } from "@/components/Page";
import { ProblemPage } from "@/components/ProblemAlert";
import { wordsOf } from "@/components/reasons";
import { stateOfCall, StatusBadge } from "@/components/Status";
import { Duration, RelativeTime } from "@/components/Time";
import { shortenMiddle } from "@/format/text";
import { Timeline } from "@/timeline/Timeline";
import { Evidence } from "./Evidence";
import { Reveal, useReveal } from "./Reveal";
import { WebhookSection } from "./WebhookSection";

/** One call: who, when, how it ended and why. */
export function CallPage() {
  const { callID = "" } = useParams();
  const detail = useQuery({
    queryKey: ["call", callID],
    queryFn: () => read(api.GET("/api/admin/calls/{call_id}", { params: { path: { call_id: callID } } })),
    refetchInterval: ({ state }) => refreshEvery(state.data),
  });
  if (detail.error && !detail.data) return <ProblemPage error={detail.error} retry={() => void detail.refetch()} />;
  if (!detail.data) return <Bones />;
  return <Loaded key={callID} detail={detail.data} />;
}

/** Live calls move every second; a pending delivery now and then; the rest never again. */
function refreshEvery(detail: Schema<"CallDetail"> | undefined): number | false {
  if (!detail) return false;
  if (detail.call.status !== "ended") return 1_000;
  return detail.delivery === null || detail.delivery.delivery.state === "pending" ? 3_000 : false;
}

function Loaded({ detail }: { detail: Schema<"CallDetail"> }) {
  const { call, timeline, delivery } = detail;
  const mayAct = useMay("operator");
  const reveal = useReveal(call.call_id);
  const number = reveal.data?.customer_number ?? call.masked_number;
  return (
    <Page
      title={`Call ${call.masked_number}`}
      heading={
        <>
          {number} <StatusBadge state={stateOfCall(call)} />
        </>
      }
      sentence={
        <>
          with agent {call.agent_id}, <RelativeTime at={call.created_at} />
        </>
      }
      action={
        <>
          {detail.temporal_url && (
            <Button
              variant="default"
              component="a"
              href={detail.temporal_url}
              target="_blank"
              rel="noreferrer"
              rightSection={<IconExternalLink size={14} />}
            >
              Workflow
            </Button>
          )}
          {call.status !== "ended" && mayAct && <HangUp call={call} />}
        </>
      }
    >
      <Timeline call={call} entries={timeline} attempts={delivery?.attempts ?? []} />
      <Section title="Who and when">
        <Facts items={facts(detail, <Reveal masked={call.masked_number} reveal={reveal} may={mayAct} />)} />
      </Section>
      <Section
        title="Why"
        sentence="The evidence in order, each piece with its source. The dial's own reply outranks all others."
      >
        <Evidence entries={timeline} call={call} />
      </Section>
      <WebhookSection delivery={delivery} exact={reveal.data?.webhook_body ?? null} />
    </Page>
  );
}

function facts({ call, room }: Schema<"CallDetail">, number: React.ReactNode): [string, React.ReactNode][] {
  return [
    ["Customer", number],
    ["Caller ID shown", call.did || "–"],
    [
      "Trunk",
      <Anchor key="t" component={Link} to={`/calls?trunk_id=${encodeURIComponent(call.trunk_id)}`}>
        {call.trunk_label}
      </Anchor>,
    ],
    [
      "Agent",
      <Anchor key="a" component={Link} to={`/calls?agent_id=${encodeURIComponent(call.agent_id)}`}>
        {call.agent_id}
      </Anchor>,
    ],
    [
      "Case",
      <Anchor key="c" component={Link} to={`/calls?case_id=${encodeURIComponent(call.case_id)}`}>
        {call.case_id}
      </Anchor>,
    ],
    ["CRM customer", call.customer_crm_id || "–"],
    ["Reason", call.disconnect_reason ? wordsOf(call.disconnect_reason) : "–"],
    ["SIP code", call.sip_disconnect_code ?? "–"],
    ["Hung up by", call.hangup_by ?? "–"],
    ["Rang", <Duration key="r" seconds={call.ring_seconds} />],
    ["Talked", <Duration key="d" seconds={call.duration_seconds} />],
    ["Created", <RelativeTime key="cr" at={call.created_at} short />],
    ["Call id", <Ident key="i" value={call.call_id} name="call id" />],
    ["Room", <Ident key="ro" value={room} name="room" />],
  ];
}

function Bones() {
  const { callID = "" } = useParams();
  return (
    <Page
      title={`Call ${shortenMiddle(callID)}`}
      heading={<Skeleton height={28} width={240} />}
      sentence={<Skeleton height={14} width={180} mt={8} />}
    >
      <Skeleton height={44} mt={34} mb={14} />
      <Skeleton height={14} width={420} mb={64} />
      <Skeleton height={180} />
    </Page>
  );
}
