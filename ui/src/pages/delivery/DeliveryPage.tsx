import { Anchor, Button, Skeleton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { ask } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { Ident } from "@/components/Ident";
import { Loaded } from "@/components/Loaded";
import { Facts, Page, Section, Empty } from "@/components/Page";
import { useNow } from "@/components/now";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { shortenMiddle } from "@/format/text";
import { AttemptList } from "./AttemptList";
import { AttemptView } from "./AttemptView";
import classes from "./Delivery.module.css";

/** One delivery: where it stands, and every attempt with what was sent and what came back. */
export function DeliveryPage() {
  const { eventID = "" } = useParams();
  const [attemptsBefore, setAttemptsBefore] = useState<number | null>(null); // a replay was asked for: its attempt is awaited
  const detail = useQuery({
    ...ask("/api/admin/deliveries/{event_id}", { path: { event_id: eventID } }),
    refetchInterval: ({ state: { data } }) =>
      data && (data.delivery.state !== "delivered" || data.attempts.length === attemptsBefore) ? 2_000 : false,
  });
  const bones = (
    <Page title={`Delivery ${shortenMiddle(eventID)}`} heading={<Skeleton height={28} width={260} />}>
      <Skeleton height={360} mt="xl" />
    </Page>
  );
  return (
    <Loaded query={detail} bones={bones}>
      {(data) => <Content key={eventID} detail={data} onReplay={setAttemptsBefore} />}
    </Loaded>
  );
}

function Content({
  detail,
  onReplay,
}: {
  detail: Schema<"DeliveryDetail">;
  onReplay: (attemptsBefore: number) => void;
}) {
  const { delivery: d, attempts } = detail;
  const [chosen, setChosen] = useState<number | null>(null);
  const index = chosen ?? attempts.length - 1;
  const attempt = attempts[index];
  return (
    <Page
      title={`Delivery ${shortenMiddle(d.event_id)}`}
      heading={
        <>
          {shortenMiddle(d.event_id, 12, 6)} <StatusBadge state={d.state} />
        </>
      }
      sentence={<Where delivery={d} />}
      action={
        <Replay
          eventID={d.event_id}
          onStart={() => {
            setChosen(null);
            onReplay(attempts.length);
          }}
        />
      }
    >
      <Facts
        items={[
          ["Outcome", d.call_status ? <StatusBadge key="o" state={d.call_status} quiet /> : "–"],
          ["Call", <Ident key="c" value={d.call_id} name="call id" to={`/calls/${d.call_id}`} />],
          [
            "Case",
            <Anchor key="ca" component={Link} to={`/calls?case_id=${encodeURIComponent(d.case_id)}`}>
              {d.case_id}
            </Anchor>,
          ],
          ["Event id (webhook-id)", <Ident key="e" value={d.event_id} name="event id" />],
        ]}
      />
      <Section title="Attempts" id="attempts">
        {attempt ? (
          <div className={classes.columns}>
            <AttemptList attempts={attempts} chosen={index} choose={setChosen} next={d.next_attempt_at} />
            <AttemptView key={`${attempt.trigger}-${attempt.n}`} attempt={attempt} delivery={detail} />
          </div>
        ) : (
          <Empty title="Not tried yet">
            The first attempt follows the end of the call at once. If none comes, look at Temporal and the workers under
            Health.
          </Empty>
        )}
      </Section>
    </Page>
  );
}

/** Sends this one delivery once more. */
function Replay({ eventID, onStart }: { eventID: string; onStart: () => void }) {
  const may = useMay("operator");
  const replay = useAction({
    run: () =>
      read(api.POST("/api/admin/replays", { body: { selection: { event_ids: [eventID] }, rate_per_second: 1 } })),
    touches: ["/api/admin/replays", "/api/admin/deliveries/{event_id}"],
    done: "It goes out once more, with the same event id and bytes.",
    onDone: onStart,
  });
  if (!may) return null;
  return (
    <Button
      variant="default"
      leftSection={<IconRefresh size={16} />}
      loading={replay.isPending}
      onClick={() => replay.mutate(undefined)}
    >
      Replay
    </Button>
  );
}

/** Where a delivery stands, in a sentence. */
function Where({ delivery: d }: { delivery: Schema<"DeliverySummary"> }) {
  const now = useNow();
  switch (d.state) {
    case "delivered":
      return <>The CRM took it {d.delivered_at && <RelativeTime at={d.delivered_at} />}.</>;
    case "dead":
      return <>Every attempt of the schedule failed. Nothing is lost: replay it when the CRM is well.</>;
    case "parked":
      return (
        <>Held back while its endpoint fails; it goes out when the endpoint is back. Waiting here costs no attempts.</>
      );
    default:
      if (!d.next_attempt_at) return <>An attempt is under way.</>;
      if (new Date(d.next_attempt_at) > now)
        return (
          <>
            The next attempt is <RelativeTime at={d.next_attempt_at} />.
          </>
        );
      return (
        <>
          An attempt was due <RelativeTime at={d.next_attempt_at} />. If it does not come, look at Temporal and the
          workers.
        </>
      );
  }
}
