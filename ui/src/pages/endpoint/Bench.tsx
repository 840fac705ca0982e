import { Button, Group, Skeleton, Text } from "@mantine/core";
import { IconPlayerPlay, IconPlayerStop } from "@tabler/icons-react";
import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";
import { ask } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useMay } from "@/app/session";
import { Section } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { StatusBadge } from "@/components/Status";
import { formatMillis } from "@/format/duration";
import classes from "./Endpoint.module.css";
import { TrialDetails } from "./TrialDetails";
import { useTrials, type RunTrial, type Scorecard } from "./useTrials";

const groups: [group: Schema<"Trial">["group"], title: string][] = [
  ["outcomes", "One of each outcome"],
  ["again", "The same one again"],
  ["forged", "What must be refused"],
  ["hard", "What must be taken all the same"],
];

/** Puts the receiver to every trial and keeps the score. */
export function Bench({ endpointID }: { endpointID: string }) {
  const may = useMay("operator");
  const trials = useQuery({
    ...ask("/api/admin/endpoints/{endpoint_id}/trials", { path: { endpoint_id: endpointID } }),
    select: (answer) => answer.trials,
    staleTime: Infinity,
  });
  const runOne = useCallback<RunTrial>(
    (trial, signal) => {
      const path = { endpoint_id: endpointID, trial };
      return read(api.POST("/api/admin/endpoints/{endpoint_id}/trials/{trial}", { params: { path }, signal }));
    },
    [endpointID],
  );
  return <TrialBench trials={trials} runOne={runOne} may={may} />;
}

interface BenchProps {
  trials: Pick<UseQueryResult<Schema<"Trial">[]>, "data" | "error" | "refetch">;
  runOne: RunTrial;
  may: boolean;
}

/** The trials in their groups, the button that runs them, and the score. */
export function TrialBench({ trials, runOne, may }: BenchProps) {
  const card = useTrials(runOne);
  return (
    <Section
      id="bench"
      title="Send me a test"
      sentence="Test webhooks go to this URL, genuine ones and forgeries, and what comes back is judged. Their event ids begin with evt_test_."
      action={may && trials.data && <Run trials={trials.data} card={card} />}
    >
      {trials.error && <ProblemAlert error={trials.error} retry={() => void trials.refetch()} />}
      {card.error && <ProblemAlert error={card.error} />}
      {!trials.data && !trials.error && <Skeleton height={320} />}
      {trials.data && <Score trials={trials.data} card={card} />}
      {trials.data &&
        groups.map(([group, title]) => {
          const some = trials.data?.filter((t) => t.group === group) ?? [];
          return some.length > 0 && <TrialGroup key={group} title={title} trials={some} card={card} may={may} />;
        })}
    </Section>
  );
}

function Run({ trials, card }: { trials: Schema<"Trial">[]; card: Scorecard }) {
  if (card.running !== null) {
    return (
      <Button variant="default" leftSection={<IconPlayerStop size={16} />} onClick={card.stop}>
        Stop
      </Button>
    );
  }
  return (
    <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => card.run(trials.map((t) => t.name))}>
      Run all {trials.length} trials
    </Button>
  );
}

/** How many passed, as one bar that fills while they run. */
function Score({ trials, card: { results, running } }: { trials: Schema<"Trial">[]; card: Scorecard }) {
  if (results.size === 0 && running === null) return null;
  const passed = [...results.values()].filter((r) => r.passed).length;
  const verdict =
    results.size < trials.length
      ? `${results.size} of ${trials.length} done`
      : passed === trials.length
        ? "This receiver is ready."
        : "See below what to change.";
  return (
    <div className={classes.score}>
      <Text fw={600} role="status">
        {passed} of {results.size} passed. <span className={classes.quiet}>{verdict}</span>
      </Text>
      <div className={classes.squares} aria-hidden="true">
        {trials.map((t) => (
          <i
            key={t.name}
            data-result={
              results.has(t.name)
                ? results.get(t.name)?.passed
                  ? "passed"
                  : "failed"
                : running === t.name
                  ? "running"
                  : undefined
            }
          />
        ))}
      </div>
    </div>
  );
}

function TrialGroup({
  title,
  trials,
  card,
  may,
}: {
  title: string;
  trials: Schema<"Trial">[];
  card: Scorecard;
  may: boolean;
}) {
  return (
    <>
      <h3 className={classes.group}>{title}</h3>
      <ul className={classes.trials}>
        {trials.map((t) => (
          <li key={t.name}>
            <details>
              <summary>
                <Verdict result={card.results.get(t.name)} running={card.running === t.name} />
                <span className={classes.title}>{t.title}</span>
                <span className={classes.came}>{card.results.get(t.name)?.came}</span>
                <span className={classes.took}>
                  {card.results.has(t.name) && formatMillis(card.results.get(t.name)?.took_ms ?? 0)}
                </span>
              </summary>
              <TrialDetails trial={t} result={card.results.get(t.name)} />
              {may && (
                <Group className={classes.again}>
                  <Button
                    size="xs"
                    variant="default"
                    disabled={card.running !== null}
                    onClick={() => card.run([t.name])}
                  >
                    {card.results.has(t.name) ? "Run it again" : "Run this one"}
                  </Button>
                </Group>
              )}
            </details>
          </li>
        ))}
      </ul>
    </>
  );
}

function Verdict({ result, running }: { result: Schema<"TrialResult"> | undefined; running: boolean }) {
  if (running) return <StatusBadge state="ringing" word="Running" />;
  if (!result) return <StatusBadge state="idle" word="Not run" quiet />;
  return result.passed ? <StatusBadge state="ok" word="Passed" quiet /> : <StatusBadge state="failing" word="Failed" />;
}
