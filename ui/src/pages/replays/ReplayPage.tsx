import { Button, Skeleton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { ask } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { Loaded } from "@/components/Loaded";
import { Facts, Page, Section } from "@/components/Page";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { formatDuration } from "@/format/duration";
import { formatExact } from "@/format/time";
import { capital, count } from "@/format/text";
import { ReplayBar } from "./ReplayBar";
import classes from "./Replays.module.css";
import { wordsOfSelection } from "./selection";
import { looks } from "./states";
import { formatNumber } from "@/format/locale";

type Replay = Schema<"Replay">;

/** One replay, watched: sent, succeeded, failed, left, at what rate, until when. It can be left and found again. */
export function ReplayPage() {
  const { replayID = "" } = useParams();
  const replay = useQuery({
    ...ask("/api/admin/replays/{replay_id}", { path: { replay_id: replayID } }),
    refetchInterval: ({ state }) =>
      state.data?.state === "running" ? 1_000 : state.data?.state === "paused" ? 3_000 : false,
  });
  const bones = (
    <Page title="Replay">
      <Skeleton height={200} />
    </Page>
  );
  return (
    <Loaded query={replay} bones={bones}>
      {(data) => <Content replay={data} />}
    </Loaded>
  );
}

function Content({ replay: r }: { replay: Replay }) {
  const trunks = useTrunks();
  const may = useMay("operator");
  const words = wordsOfSelection(
    r.selection,
    (id) => trunks.data?.find((t) => t.trunk_id === id)?.label ?? "another trunk",
    (at) => formatExact(new Date(at)),
  );
  return (
    <Page
      title="Replay"
      heading={
        <>
          Replay of {count(r.total, "delivery", "deliveries")}{" "}
          <StatusBadge state={looks[r.state].state} word={looks[r.state].word} />
        </>
      }
      sentence={<Where replay={r} />}
      action={may && <Actions replay={r} />}
    >
      <Numbers replay={r} />
      <ReplayBar replay={r} />
      <Section title="What is replayed">
        <Facts
          items={[
            ["Chosen at the start", capital(words)],
            ["Rate", `at most ${count(r.rate_per_second, "attempt")} a second`],
            [
              "Started",
              <span key="s">
                <RelativeTime at={r.created_at} /> by {r.created_by}
              </span>,
            ],
            ["Ended", r.finished_at ? <RelativeTime key="f" at={r.finished_at} /> : "–"],
          ]}
        />
        <p className={classes.note}>
          What fails here goes on with its own schedule; see{" "}
          <Link to="/deliveries?state=waiting">deliveries waiting for retry</Link> and{" "}
          <Link to="/deliveries?state=dead">what failed for good</Link>. All of them:{" "}
          <Link to="/deliveries/replay">replays</Link>.
        </p>
      </Section>
    </Page>
  );
}

function Where({ replay: r }: { replay: Replay }) {
  switch (r.state) {
    case "running":
      return r.eta_seconds === undefined ? (
        <>It is under way. You can leave this page; it goes on.</>
      ) : (
        <>About {formatDuration(Math.max(1, r.eta_seconds))} left. You can leave this page; it goes on.</>
      );
    case "paused":
      return <>Nothing is sent until somebody resumes it.</>;
    case "cancelled":
      return (
        <>Ended early. {count(r.left, "delivery was", "deliveries were")} not sent, and stay on their own schedules.</>
      );
    default:
      return r.failed === 0 ? (
        <>All of it was sent, and the CRM took it.</>
      ) : (
        <>All of it was sent; the CRM did not take {formatNumber(r.failed)}.</>
      );
  }
}

function Numbers({ replay: r }: { replay: Replay }) {
  const numbers: [tone: string, name: string, n: number][] = [
    ["sent", "Sent", r.sent],
    ["succeeded", "Succeeded", r.succeeded],
    ["failed", "Failed", r.failed],
    ["skipped", "Skipped", r.skipped],
    ["left", "Left", r.left],
  ];
  return (
    <dl className={classes.numbers}>
      {numbers.map(([tone, name, n]) => (
        <div key={tone} data-tone={tone} data-none={n === 0 || undefined}>
          <dt>{name}</dt>
          <dd>{formatNumber(n)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions({ replay: r }: { replay: Replay }) {
  const [asking, { open, close }] = useDisclosure();
  const client = useQueryClient();
  const path = { params: { path: { replay_id: r.replay_id } } };
  const onDone = (now: Replay) => client.setQueryData(ask("/api/admin/replays/{replay_id}", path.params).queryKey, now);
  const pause = useAction({
    run: () => read(api.POST("/api/admin/replays/{replay_id}/pause", path)),
    touches: ["/api/admin/replays"],
    onDone,
  });
  const resume = useAction({
    run: () => read(api.POST("/api/admin/replays/{replay_id}/resume", path)),
    touches: ["/api/admin/replays"],
    onDone,
  });
  const cancel = useAction({
    run: () => read(api.POST("/api/admin/replays/{replay_id}/cancel", path)),
    touches: ["/api/admin/replays", "/api/admin/deliveries"],
    onDone: (now) => {
      onDone(now);
      close();
    },
  });
  if (r.state === "done" || r.state === "cancelled") {
    return (
      <Button component={Link} to="/deliveries/replay" variant="default">
        New replay
      </Button>
    );
  }
  return (
    <>
      {r.state === "running" ? (
        <Button
          variant="default"
          leftSection={<IconPlayerPause size={16} />}
          loading={pause.isPending}
          onClick={() => pause.mutate(undefined)}
        >
          Pause
        </Button>
      ) : (
        <Button
          leftSection={<IconPlayerPlay size={16} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(undefined)}
        >
          Resume
        </Button>
      )}
      <Button variant="light" color="red" leftSection={<IconX size={16} />} onClick={open}>
        Cancel
      </Button>
      <Confirm
        opened={asking}
        close={close}
        title="Cancel this replay?"
        verb="Cancel the replay"
        keep="Keep it running"
        onConfirm={() => cancel.mutate(undefined)}
        pending={cancel.isPending}
        error={cancel.error}
      >
        {count(r.sent, "delivery was", "deliveries were")} sent, and that stays. The other {formatNumber(r.left)} stay
        as they are, on their own schedules; a new replay can take them up. To stop only for a while, pause it.
      </Confirm>
    </>
  );
}
