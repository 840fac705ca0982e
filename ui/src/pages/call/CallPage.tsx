import { Anchor, Button, Skeleton } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { HangUp } from "@/components/HangUp";
import { CopyLink, Ident } from "@/components/Ident";
import { Loaded } from "@/components/Loaded";
import { FactGroups, Page, Section, type Fact } from "@/components/Page";
import { wordsOf } from "@/components/reasons";
import { stateOfCall, StatusBadge } from "@/components/Status";
import { Duration, ExactTime, RelativeTime } from "@/components/Time";
import { capital, shortenMiddle } from "@/format/text";
import { Timeline } from "@/timeline/Timeline";
import { DialAttempts } from "./DialAttempts";
import { Evidence } from "./Evidence";
import { Reveal, useReveal } from "./Reveal";
import { WebhookSection } from "./WebhookSection";

/** One call: who, when, how it ended and why. */
export function CallPage() {
  const { callID = "" } = useParams();
  const detail = useQuery({
    ...ask("/api/admin/calls/{call_id}", { path: { call_id: callID } }),
    refetchInterval: ({ state }) => refreshEvery(state.data),
  });
  return (
    <Loaded query={detail} bones={<Bones />}>
      {(data) => <Content key={callID} detail={data} />}
    </Loaded>
  );
}

/** Live calls move every second; a pending delivery now and then; the rest never again. */
function refreshEvery(detail: Schema<"CallDetail"> | undefined): number | false {
  if (!detail) return false;
  if (detail.call.status !== "ended") return 1_000;
  return detail.delivery === null || detail.delivery.delivery.state === "pending" ? 3_000 : false;
}

function Content({ detail }: { detail: Schema<"CallDetail"> }) {
  const { call, timeline, attempts, delivery } = detail;
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
          {detail.held_at && (
            <>
              , on hold since <ExactTime at={detail.held_at} />
            </>
          )}
        </>
      }
      action={
        <>
          <CopyLink />
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
      <DialAttempts attempts={attempts} />
      <Section title="Who and when">
        <FactGroups groups={factsOf(detail, <Reveal masked={call.masked_number} reveal={reveal} may={mayAct} />)} />
      </Section>
      <Section
        title="Why"
        sentence="The evidence in order, each piece with its source. The dial result outranks all others."
      >
        <Evidence entries={timeline} call={call} />
      </Section>
      <WebhookSection delivery={delivery} exact={reveal.data?.webhook_body ?? null} />
    </Page>
  );
}

/** The call in four groups: when, how it ended, who, and what it is known by. */
function factsOf({ call, room }: Schema<"CallDetail">, number: React.ReactNode): [string, Fact[]][] {
  const calls = (name: string, value: string) => (
    <Anchor component={Link} to={`/calls?${name}=${encodeURIComponent(value)}`}>
      {value}
    </Anchor>
  );
  return [
    [
      "When",
      [
        ["Created", <ExactTime key="c" at={call.created_at} day />],
        ["Dialed", <ExactTime key="d" at={call.connected_at} />],
        ["Answered", <ExactTime key="a" at={call.answered_at} />],
        ["Ended", <ExactTime key="e" at={call.ended_at} />],
        ["Rang", <Duration key="r" seconds={call.ring_seconds} />],
        ["Talked", <Duration key="t" seconds={call.duration_seconds} />],
      ],
    ],
    [
      "End",
      [
        ["Reason", call.disconnect_reason ? capital(wordsOf(call.disconnect_reason)) : "–"],
        ["SIP code", call.sip_disconnect_code ?? "–"],
        ["Hung up by", call.hangup_by ? capital(call.hangup_by) : "–"],
        ["Recording", "Not recorded"],
      ],
    ],
    [
      "Who",
      [
        ["Customer", number],
        ["Agent", calls("agent_id", call.agent_id)],
        ["Case", calls("case_id", call.case_id)],
        ["CRM customer", call.customer_crm_id || "–"],
        [
          "Trunk",
          <Anchor key="t" component={Link} to={`/trunks/${encodeURIComponent(call.trunk_id)}`}>
            {call.trunk_label}
          </Anchor>,
        ],
        ["Caller ID shown", call.did || "–"],
      ],
    ],
    [
      "Ids",
      [
        ["Call id", <Ident key="i" value={call.call_id} name="call id" />],
        ["Room", <Ident key="ro" value={room} name="room" />],
      ],
    ],
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
