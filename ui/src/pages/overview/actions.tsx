import { Button } from "@mantine/core";
import { Link } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { useMakeDefault } from "@/pages/trunks/useMakeDefault";

type Action = Schema<"HealthAction">;

/** Where an action leads that only shows something. */
function hrefOf({ kind, target }: Action): string | undefined {
  switch (kind) {
    case "see_calls":
      return `/calls?${target}`;
    case "see_deliveries":
      return `/deliveries?${target}`;
    case "replay_dead":
      return `/deliveries/replay?${target}`;
    case "open_settings":
      return target ? `/settings#${target}` : "/settings";
    case "open_trunk":
      return target ? `/trunks/${target}` : "/trunks";
    case "make_default":
    case "pause_endpoint":
    case "resume_endpoint":
      return undefined;
  }
}

/** The button of what an operator can do about a part that is not well. What changes something is done in one click and said. */
export function ActionButton({ action, since }: { action: Action; since: string | null }) {
  const href = hrefOf(action);
  if (href) {
    const scoped = action.kind === "see_calls" && since ? `${href}&since=${encodeURIComponent(since)}` : href;
    return (
      <Button component={Link} to={scoped} size="xs" variant="default">
        {action.label}
      </Button>
    );
  }
  return action.kind === "make_default" ? <MakeDefault action={action} /> : <SetState action={action} />;
}

function MakeDefault({ action }: { action: Action }) {
  const may = useMay("operator");
  const trunks = useTrunks();
  const trunk = trunks.data?.find((t) => t.trunk_id === action.target);
  const make = useMakeDefault();
  if (!may) return null;
  return (
    <Button size="xs" disabled={!trunk} loading={make.isPending} onClick={() => trunk && make.mutate(trunk)}>
      {action.label}
    </Button>
  );
}

function SetState({ action }: { action: Action }) {
  const may = useMay("admin");
  const state = action.kind === "pause_endpoint" ? "paused" : "active";
  const set = useAction({
    run: () =>
      read(
        api.PATCH("/api/admin/endpoints/{endpoint_id}", {
          params: { path: { endpoint_id: action.target } },
          body: { state },
        }),
      ),
    touches: ["/api/admin/endpoints", "/api/admin/overview", "/api/admin/deliveries"],
    done:
      state === "paused" ? "The webhook is paused. Deliveries are on hold; none is lost." : "The webhook is resumed.",
  });
  if (!may) return null;
  return (
    <Button size="xs" loading={set.isPending} onClick={() => set.mutate(undefined)}>
      {action.label}
    </Button>
  );
}
