import { Alert, Button, Checkbox, Group, NumberInput, Skeleton, Text } from "@mantine/core";
import { IconAlertTriangle, IconPlayerPlay } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { askWith } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { ChoiceFilter, FilterBar } from "@/components/FilterBar";
import { useFilters } from "@/components/filters";
import { Empty, Page, Section } from "@/components/Page";
import { ProblemAlert } from "@/components/ProblemAlert";
import { RelativeTime } from "@/components/Time";
import { TimeRange } from "@/components/TimeRange";
import { formatDuration } from "@/format/duration";
import { count } from "@/format/text";
import { outcomes } from "../calls/filters";
import { ReplayList } from "./ReplayList";
import classes from "./Replays.module.css";
import { replayStates, selectionNames, selectionOf, statesOf, type Selection } from "./selection";
import { formatNumber } from "@/format/locale";

const usualRate = 20;
const fastest = 200;

/** Sends many deliveries again: which, how many that are now, how fast. Below it the replays of before. */
export function NewReplayPage() {
  const may = useMay("operator");
  const filters = useFilters(selectionNames);
  const ticked = (useLocation().state as { eventIDs?: string[] } | null)?.eventIDs;
  const selection = ticked ? { event_ids: ticked } : selectionOf(filters.get);
  return (
    <Page
      title="Replay deliveries"
      sentence="Each goes out once more with the same event id and the same bytes, so a receiver that keeps ids takes none twice."
    >
      {may ? (
        <>
          {ticked ? (
            <p className={classes.ticked}>
              {count(ticked.length, "delivery", "deliveries")} chosen in the list.{" "}
              <Link to="/deliveries/replay">Choose by filters instead</Link>
            </p>
          ) : (
            <Which filters={filters} />
          )}
          {selection ? (
            <Start selection={selection} />
          ) : (
            <Empty title="No state is chosen">Choose at least one state of deliveries above.</Empty>
          )}
        </>
      ) : (
        <Empty title="Viewers start no replays">Ask an operator. You can watch the replays below.</Empty>
      )}
      <Section title="Earlier replays" sentence="Those that ended are kept for 90 days.">
        <ReplayList />
      </Section>
    </Page>
  );
}

function Which({ filters }: { filters: ReturnType<typeof useFilters> }) {
  const trunks = useTrunks();
  return (
    <>
      <FilterBar filters={filters}>
        <TimeRange filters={filters} />
        <ChoiceFilter filters={filters} name="call_status" label="Outcome" data={outcomes} />
        <ChoiceFilter
          filters={filters}
          name="trunk_id"
          label="Trunk"
          width={130}
          data={(trunks.data ?? []).map((t) => ({ value: t.trunk_id, label: t.label }))}
        />
      </FilterBar>
      <Checkbox.Group
        aria-label="States"
        value={statesOf(filters.get("state"))}
        onChange={(states) => filters.set({ state: states.join(",") || "none" })}
      >
        <Group gap="lg">
          {replayStates.map((s) => (
            <Checkbox key={s.value} size="sm" value={s.value} label={s.label} />
          ))}
        </Group>
      </Checkbox.Group>
    </>
  );
}

/** The dry run, the rate, and the button that names what it sends. */
function Start({ selection }: { selection: Selection }) {
  const navigate = useNavigate();
  const [rate, setRate] = useState(usualRate);
  const preview = useQuery({
    ...askWith("/api/admin/replays/preview", { selection }),
    placeholderData: keepPreviousData,
  });
  const start = useAction({
    run: () => read(api.POST("/api/admin/replays", { body: { selection, rate_per_second: rate } })),
    touches: ["/api/admin/replays", "/api/admin/deliveries"],
    onDone: (replay) => void navigate(`/deliveries/replays/${replay.replay_id}`),
  });
  if (preview.error && !preview.data)
    return <ProblemAlert mt="md" error={preview.error} retry={() => void preview.refetch()} />;
  if (!preview.data) return <Skeleton height={150} mt="lg" />;
  const { count: total } = preview.data;
  return (
    <section className={classes.start} aria-label="Dry run" data-dimmed={preview.isPlaceholderData || undefined}>
      <DryRun preview={preview.data} />
      {total > 0 && (
        <Group align="flex-end" gap="md">
          <NumberInput
            label="Attempts a second"
            w={150}
            min={1}
            max={fastest}
            clampBehavior="strict"
            allowDecimal={false}
            value={rate}
            onChange={(v) => setRate(Math.min(fastest, Math.max(1, Number(v) || usualRate)))}
          />
          <Button
            leftSection={<IconPlayerPlay size={16} />}
            loading={start.isPending}
            disabled={preview.isPlaceholderData}
            onClick={() => start.mutate(undefined)}
          >
            Replay {count(total, "delivery", "deliveries")}
          </Button>
          <Text size="sm" c="dimmed" mb={8}>
            takes about {formatDuration(Math.max(1, total / rate))}; it can be paused and cancelled
          </Text>
        </Group>
      )}
    </section>
  );
}

function DryRun({ preview: { count: total, oldest, newest, by_state } }: { preview: Schema<"ReplayPreview"> }) {
  const parts = replayStates
    .filter((s) => by_state[s.value] > 0)
    .map((s) => `${formatNumber(by_state[s.value])} ${s.label.toLowerCase()}`);
  return (
    <div role="status">
      <p className={classes.total}>
        <b>{formatNumber(total)}</b> {total === 1 ? "delivery" : "deliveries"}
      </p>
      <Text size="sm" c="dimmed">
        {total === 0 ? (
          "No deliveries match. Nothing would be sent."
        ) : (
          <>
            {parts.join(", ")}. Created {oldest && <RelativeTime at={oldest} />}
            {newest && newest !== oldest && (
              <>
                {" "}
                to <RelativeTime at={newest} />
              </>
            )}
            .
          </>
        )}
      </Text>
      {by_state.delivered > 0 && (
        <Alert
          color="yellow"
          mt="sm"
          maw={640}
          icon={<IconAlertTriangle size={18} />}
          title={`The CRM has taken ${formatNumber(by_state.delivered)} of them already`}
        >
          They go out again with the same event id. A receiver that does not keep ids takes them twice.
        </Alert>
      )}
    </div>
  );
}
