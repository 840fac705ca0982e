import { lazy, Suspense, type ComponentProps } from "react";
import { Link } from "react-router";
import type { Schema } from "@/api/client";
import { useNow } from "@/components/now";
import { StatusBadge } from "@/components/Status";
import { formatDuration } from "@/format/duration";
import { useLive } from "@/live/LiveProvider";
import classes from "./Health.module.css";

const HealthCard = lazy(async () => ({ default: (await import("./HealthCard")).HealthCard }));

/** A part that calls stand on, with what is wrong with it. */
export interface Part {
  name: string;
  ok: boolean;
  message: string;
  to?: string;
}

/** The parts that calls stand on. */
export function partsOf(health: Schema<"SystemHealth">): Part[] {
  return [
    { name: "LiveKit", ...health.livekit, to: "/settings" },
    { name: "Temporal", ...health.temporal },
    { name: "Store", ...health.store },
    ...health.trunks.map((t) => ({
      name: `Trunk ${t.label}`,
      ok: t.state !== "failing",
      message: t.state === "failing" ? `${t.trunk_failures} of its last ${t.dialed} dials failed` : "",
      to: "/trunks",
    })),
  ];
}

/** Says in a word whether calls can be made; the parts on hover or focus. */
export function Health() {
  const { overview, line, heardAt } = useLive();
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
  const parts = partsOf(overview.health);
  const link = <HealthLink parts={parts} />;
  return (
    <Suspense fallback={link}>
      <HealthCard parts={parts}>{link}</HealthCard>
    </Suspense>
  );
}

function HealthLink({ parts, ...rest }: { parts: Part[] } & ComponentProps<"a">) {
  const broken = parts.filter((p) => !p.ok);
  return (
    <Link
      {...rest}
      to="/#health"
      className={classes.health}
      aria-label={broken.length ? `${broken.map((p) => p.name).join(", ")} failing` : "All systems working"}
    >
      {broken.length === 0 ? (
        <StatusBadge state="ok" quiet word="All working" />
      ) : (
        <StatusBadge
          state="failing"
          word={broken.length === 1 ? `${broken[0]?.name} failing` : `${broken.length} failing`}
        />
      )}
    </Link>
  );
}
