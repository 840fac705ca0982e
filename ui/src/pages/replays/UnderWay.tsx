import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { ask } from "@/api/ask";
import { count } from "@/format/text";
import { ReplayBar } from "./ReplayBar";
import classes from "./Replays.module.css";
import { formatNumber } from "@/format/locale";

/** Leads back to the latest replay while it is under way. */
export function UnderWay() {
  const replays = useQuery({
    ...ask("/api/admin/replays", { query: { limit: 1 } }),
    select: (answer) => answer.items,
    refetchInterval: ({ state }) => (state.data?.items[0]?.state === "running" ? 2_000 : 15_000),
  });
  const latest = replays.data?.[0];
  if (!latest || (latest.state !== "running" && latest.state !== "paused")) return null;
  return (
    <div className={classes.under}>
      <Link to={`/deliveries/replays/${latest.replay_id}`}>
        Replay {latest.state}: {formatNumber(latest.left)} left of {count(latest.total, "delivery", "deliveries")}
      </Link>
      <ReplayBar replay={latest} small />
    </div>
  );
}
