import { lazy, Suspense, type ComponentProps } from "react";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { useNow } from "@/components/now";
import { StatusBadge, wordOf } from "@/components/Status";
import { formatDuration } from "@/format/duration";
import { useOverview } from "@/live/overview";
import classes from "./Health.module.css";

const HealthCard = lazy(async () => ({ default: (await import("./HealthCard")).HealthCard }));

/** A part that calls stand on, with what is wrong with it. */
export type Part = Schema<"HealthPart">;

/** Whether a part wants nobody's attention. */
export function isWell(part: Part) {
  return part.state === "ok" || part.state === "idle" || part.state === "disabled";
}

/** The page about a part; none about Temporal, the database and the workers. */
export function pageOf({ part, id }: Part): string | undefined {
  switch (part) {
    case "livekit":
    case "sip":
      return "/settings";
    case "trunk":
      return "/trunks";
    case "endpoint":
      return id ? `/endpoints/${id}` : "/settings";
    case "ledger":
      return "/ledger";
    default:
      return undefined;
  }
}

/** Says in a word whether calls can be made; the parts on hover or focus. */
export function Health() {
  const { overview, line, heardAt } = useOverview();
  const now = useNow();
  if (line === "lost") {
    const age = heardAt ? `, last update ${formatDuration((now.getTime() - heardAt) / 1000)} ago` : "";
    return (
      <span className={classes.health} role="status">
        <StatusBadge state="idle" word="Reconnecting" />
        <span className={classes.age}>{age.slice(2)}</span>
      </span>
    );
  }
  if (!overview) return null;
  const parts = overview.health.parts;
  const link = <HealthLink parts={parts} />;
  return (
    <Suspense fallback={link}>
      <HealthCard parts={parts}>{link}</HealthCard>
    </Suspense>
  );
}

function HealthLink({ parts, ...rest }: { parts: Part[] } & ComponentProps<"a">) {
  const broken = parts.filter((p) => !isWell(p));
  const first = broken[0];
  return (
    <Link
      {...rest}
      to="/#health"
      className={classes.health}
      aria-label={broken.length ? `Needs attention: ${broken.map((p) => p.name).join(", ")}` : "All systems working"}
    >
      {first === undefined ? (
        <StatusBadge state="ok" quiet word="All working" />
      ) : (
        <StatusBadge
          state="failing"
          word={
            broken.length === 1
              ? `${first.name}: ${wordOf(first.state).toLowerCase()}`
              : `${broken.length} need attention`
          }
        />
      )}
    </Link>
  );
}
