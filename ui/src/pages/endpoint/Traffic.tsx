import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import type { Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { Section } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { formatMillis } from "@/format/duration";
import { formatNumber } from "@/format/locale";
import { formatPercent } from "@/format/text";
import { formatDayHour, zone } from "@/format/time";
import { wordsOfAnswer } from "../deliveries/answers";
import { adviceForAnswer } from "../delivery/advice";
import classes from "./Traffic.module.css";

type Traffic = Schema<"EndpointAttempts">;

const ranges = [
  { value: "24", label: "24 hours" },
  { value: "168", label: "7 days" },
];

/** How the attempts to an endpoint went over time, how quick they were, how they failed, and what to do about it. */
export function Traffic({ endpointID }: { endpointID: string }) {
  const [hours, setHours] = useState("24");
  const traffic = useQuery({
    ...ask("/api/admin/endpoints/{endpoint_id}/attempts", {
      path: { endpoint_id: endpointID },
      query: { hours: Number(hours), tz: zone },
    }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  return (
    <Section
      title="Attempts"
      sentence="Every POST to it: automatic ones, replays and probes."
      action={<SegmentedControl size="xs" aria-label="Range of time" data={ranges} value={hours} onChange={setHours} />}
    >
      {traffic.error && <ProblemAlert error={traffic.error} retry={() => void traffic.refetch()} />}
      {traffic.data ? <Content traffic={traffic.data} /> : !traffic.error && <Skeleton height={260} />}
    </Section>
  );
}

function Content({ traffic: t }: { traffic: Traffic }) {
  if (t.attempts === 0) return <p className={classes.none}>No attempt was made in this time.</p>;
  const took = (ms: number | null) => (ms === null ? "–" : formatMillis(ms));
  const numbers = [
    ["Success rate", formatPercent(t.succeeded, t.attempts)],
    ["Attempts", formatNumber(t.attempts)],
    ["Failed", formatNumber(t.attempts - t.succeeded)],
    ["Half within", took(t.p50_ms)],
    ["95 of 100 within", took(t.p95_ms)],
  ];
  return (
    <>
      <dl className={classes.numbers}>
        {numbers.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Charts traffic={t} />
      <Failures traffic={t} />
    </>
  );
}

/** Attempts and how long they took, slot by slot, to one scale of time; as a table for whom bars say nothing. */
function Charts({ traffic: { slots } }: { traffic: Traffic }) {
  const most = Math.max(1, ...slots.map((s) => s.attempts));
  const slowest = Math.max(1, ...slots.map((s) => s.p95_ms ?? 0));
  const when = (s: Traffic["slots"][number]) => formatDayHour(new Date(s.begins));
  const words = (s: Traffic["slots"][number]) =>
    `${when(s)}: ${formatNumber(s.attempts)} attempts, ${formatNumber(s.attempts - s.succeeded)} failed` +
    (s.p95_ms === null ? "" : `, 95 of 100 within ${formatMillis(s.p95_ms)}`);
  const ends = [slots[0], slots[Math.floor(slots.length / 2)], slots.at(-1)].filter((s) => s !== undefined);
  return (
    <figure className={classes.figure}>
      <figcaption>
        Did it take what we sent? <i data-tone="succeeded" /> taken <i data-tone="failed" /> failed
        <span>at most {formatNumber(most)}</span>
      </figcaption>
      <div className={classes.bars} aria-hidden="true">
        {slots.map((s) => (
          <span key={s.begins} title={words(s)}>
            <i data-tone="failed" style={{ height: `${(100 * (s.attempts - s.succeeded)) / most}%` }} />
            <i data-tone="succeeded" style={{ height: `${(100 * s.succeeded) / most}%` }} />
          </span>
        ))}
      </div>
      <figcaption>
        How quick was it? 95 of 100 within <span>at most {formatMillis(slowest)}</span>
      </figcaption>
      <div className={classes.bars} data-low aria-hidden="true">
        {slots.map((s) => (
          <span key={s.begins} title={words(s)}>
            <i data-tone="took" style={{ height: `${(100 * (s.p95_ms ?? 0)) / slowest}%` }} />
          </span>
        ))}
      </div>
      <div className={classes.axis} aria-hidden="true">
        {ends.map((s) => (
          <span key={s.begins}>{when(s)}</span>
        ))}
      </div>
      <details className={classes.table}>
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              <th scope="col">Attempts</th>
              <th scope="col">Failed</th>
              <th scope="col">95 of 100 within</th>
            </tr>
          </thead>
          <tbody>
            {slots.map((s) => (
              <tr key={s.begins}>
                <th scope="row">{when(s)}</th>
                <td>{formatNumber(s.attempts)}</td>
                <td>{formatNumber(s.attempts - s.succeeded)}</td>
                <td>{s.p95_ms === null ? "–" : formatMillis(s.p95_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

/** How attempts failed: each leads to the deliveries whose latest attempt failed so, and says what to do. */
function Failures({ traffic: { failures, since } }: { traffic: Traffic }) {
  const may = useMay("operator");
  if (failures.length === 0) return null;
  const from = `since=${encodeURIComponent(since)}`;
  return (
    <>
      <ul className={classes.failures} aria-label="How attempts failed">
        {failures.map((f) => (
          <li key={f.answer}>
            <Link to={`/deliveries?answer=${f.answer}&${from}`}>
              <b>{wordsOfAnswer(f.answer)}</b> × {formatNumber(f.count)}
            </Link>
            <span>{adviceForAnswer(f.answer)}</span>
          </li>
        ))}
      </ul>
      {may && (
        <Button
          component={Link}
          variant="default"
          size="xs"
          mt="sm"
          leftSection={<IconRefresh size={14} />}
          to={`/deliveries/replay?state=dead&${from}`}
        >
          Replay what failed for good since then
        </Button>
      )}
    </>
  );
}
