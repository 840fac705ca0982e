import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { isWell, pageOf } from "@/app/Health";
import { RelativeTime } from "@/components/Time";
import { formatShort } from "@/format/time";
import { lazy, Suspense } from "react";
import classes from "./Incidents.module.css";

// On a good day nobody needs it: it comes when something is wrong.
const ActionButton = lazy(async () => ({ default: (await import("./actions")).ActionButton }));

interface Props {
  health: Schema<"SystemHealth"> | undefined;
  /** The checklist says what is not there yet. */
  beingSetUp: boolean;
}

/** What is wrong now, before everything else: what, since when, what it means for calls, and the button that does something about it. */
export function Incidents({ health, beingSetUp }: Props) {
  const broken =
    health?.parts.filter(
      (p) => (!isWell(p) || (p.state === "disabled" && p.action)) && !(beingSetUp && isMissing(p)),
    ) ?? [];
  if (broken.length === 0) return null;
  return (
    <ul className={classes.incidents} aria-label="Needs attention">
      {broken.map((p) => (
        <Incident key={p.part + p.id} part={p} />
      ))}
    </ul>
  );
}

/** Whether it was never set up: there is no trunk, or no webhook URL that an outcome waits for. */
function isMissing(p: Schema<"HealthPart">): boolean {
  return p.id === "" && (p.part === "trunk" || (p.part === "endpoint" && p.state === "disabled"));
}

function Incident({ part }: { part: Schema<"HealthPart"> }) {
  const page = pageOf(part);
  return (
    <li className={classes.incident} data-quiet={part.state === "paused" || part.state === "disabled" || undefined}>
      <IconAlertTriangle size={18} aria-hidden="true" />
      <p>
        <b>{page ? <Link to={page}>{part.name}</Link> : part.name}</b> {part.what}
        {part.since && (
          <>
            {" "}
            Since {formatShort(new Date(part.since), new Date())}, <RelativeTime at={part.since} />.
          </>
        )}
        <span className={classes.means}>
          {part.means} <Proof part={part} />
        </span>
      </p>
      {part.action && (
        <Suspense fallback={<span className={classes.coming} />}>
          <ActionButton action={part.action} since={part.since} />
        </Suspense>
      )}
    </li>
  );
}

/** The way to what the incident is about, where the button does something else. */
function Proof({ part }: { part: Schema<"HealthPart"> }) {
  if (part.part !== "trunk" || part.action?.kind !== "make_default") return null;
  const since = part.since ? `&since=${encodeURIComponent(part.since)}` : "";
  return (
    <Link to={`/calls?trunk_id=${encodeURIComponent(part.id)}&call_status=FAILED${since}`}>See the failed calls</Link>
  );
}
