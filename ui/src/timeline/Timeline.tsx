import { useMediaQuery } from "@mantine/hooks";
import { useState } from "react";
import type { Schema } from "@/api/client";
import { useNow } from "@/components/now";
import { formatDuration, formatMillis } from "@/format/duration";
import { formatClockTime, formatExact } from "@/format/time";
import { Attempts } from "./Attempts";
import { layOut, narrow, wide, type Mark, type Stage } from "./layout";
import { Shape } from "./Shape";
import { tell } from "./story";
import classes from "./Timeline.module.css";
import { nameOf, sources, stageWords } from "./words";

interface Props {
  call: Schema<"CallSummary">;
  entries: Schema<"TimelineEntry">[];
  attempts: Schema<"Attempt">[];
}

/** A call as one band: stages with names, lengths and clock times, evidence above, webhook attempts behind, and what it means in words. */
export function Timeline({ call, entries, attempts }: Props) {
  const now = useNow();
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const layout = layOut(call, entries, attempts, now.getTime(), phone ? narrow : wide);
  const { stages, evidence, attempts: ticks, callEnds } = layout;
  const marks = [...evidence, ...ticks];
  const [chosen, setChosen] = useState<number | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const shown = marks[hovered ?? chosen ?? -1];
  const move = (step: number) => setChosen((was) => Math.min(marks.length - 1, Math.max(0, (was ?? -step) + step)));
  const ended = stages.at(-1)?.to ?? 0;
  return (
    <figure className={classes.figure}>
      <div
        className={classes.band}
        role="listbox"
        tabIndex={0}
        aria-label="Timeline of the call. Arrow keys read each mark."
        aria-activedescendant={chosen === null ? undefined : `mark-${chosen}`}
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") move(1);
          else if (event.key === "ArrowLeft") move(-1);
          else if (event.key === "Escape") setChosen(null);
          else return;
          event.preventDefault();
        }}
      >
        <div className={classes.stages}>
          {stages.map((s) => (
            <StageBar key={s.name} stage={s} />
          ))}
          {ticks.length > 0 && (
            <div
              className={classes.delivery}
              style={{ left: `${callEnds * 100 + 1}%`, width: `${(1 - callEnds) * 100 - 1}%` }}
            >
              <span className={classes.stageName}>Webhook</span>
            </div>
          )}
          {marks.map((m, i) => (
            <MarkAt
              key={`${m.kind}-${m.at}-${m.source}-${m.name}-${i}`}
              mark={m}
              id={`mark-${i}`}
              active={shown === m}
              callEnd={ended}
              onHover={(on) => setHovered(on ? i : null)}
              onChoose={() => setChosen(i)}
            />
          ))}
        </div>
        <Axis stages={stages} ended={call.ended_at} callEnds={callEnds} />
      </div>
      <p className={classes.reading} aria-live="polite">
        {shown ? <Reading mark={shown} start={new Date(call.created_at).getTime()} /> : tell(call, entries)}
      </p>
      <Attempts attempts={attempts} ended={ended} delivery={call.call_id.replace("c2c_", "evt_")} />
      <Legend marks={evidence} />
    </figure>
  );
}

function StageBar({ stage }: { stage: Stage }) {
  const { name } = stageWords[stage.name];
  const length = formatDuration(stage.seconds);
  return (
    <div
      className={classes.stage}
      data-stage={stage.name}
      data-live={stage.live || undefined}
      title={`${name}: ${length}`}
      style={{ left: `${stage.left * 100}%`, width: `${stage.width * 100}%` }}
    >
      <span className={classes.stageName}>{name}</span>
      <span className={classes.length}>{length}</span>
    </div>
  );
}

/** The clock under the band: when each stage began, and when the call ended. */
function Axis({ stages, ended, callEnds }: { stages: Stage[]; ended: string | null; callEnds: number }) {
  return (
    <div className={classes.axis}>
      {stages.map((s) => (
        <time key={s.name} dateTime={new Date(s.from).toISOString()} style={{ left: `${s.left * 100}%` }}>
          <span>{stageWords[s.name].begins}</span> {formatClockTime(new Date(s.from))}
        </time>
      ))}
      {ended && (
        <time dateTime={ended} data-end style={{ right: `${(1 - callEnds) * 100}%` }}>
          <span>Ended</span> {formatClockTime(new Date(ended))}
        </time>
      )}
    </div>
  );
}

interface MarkProps {
  mark: Mark;
  id: string;
  active: boolean;
  callEnd: number;
  onHover: (on: boolean) => void;
  onChoose: () => void;
}

function MarkAt({ mark, id, active, callEnd, onHover, onChoose }: MarkProps) {
  const late = mark.kind === "attempt" ? `, ${formatMillis(Math.max(0, mark.at - callEnd))} after the end` : "";
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the list box has the focus, and reads the marks by keys
    <span
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      className={mark.kind === "attempt" ? classes.tick : classes.mark}
      aria-label={`${nameOf(mark)}, ${mark.detail || "no detail"}, source: ${sources[mark.source]}${late}${mark.disagrees ? ", disagrees with the outcome" : ""}`}
      data-active={active || undefined}
      data-ringed={mark.disagrees || undefined}
      data-failed={mark.failed || undefined}
      style={{ left: `${mark.left * 100}%` }}
      onMouseEnter={() => onHover(true)}
      onMouseLeave={() => onHover(false)}
      onClick={onChoose}
    >
      {mark.kind === "evidence" && <Shape source={mark.source} />}
    </span>
  );
}

function Reading({ mark, start }: { mark: Mark; start: number }) {
  return (
    <>
      <b>{nameOf(mark)}</b> {mark.detail && <code>{mark.detail}</code>} · {sources[mark.source]} · +
      {formatMillis(Math.max(0, mark.at - start))} · {formatExact(new Date(mark.at))}
      {mark.disagrees && " · disagrees with the outcome, and was outranked"}
    </>
  );
}

function Legend({ marks }: { marks: Mark[] }) {
  const used = [...new Set(marks.map((m) => m.source))];
  return (
    <figcaption className={classes.legend}>
      {used.map((s) => (
        <span key={s}>
          <Shape source={s} size={10} /> {sources[s]}
        </span>
      ))}
      {marks.some((m) => m.disagrees) && (
        <span>
          <i className={classes.ring} /> outranked
        </span>
      )}
    </figcaption>
  );
}
