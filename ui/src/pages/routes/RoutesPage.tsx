import { Anchor, Button, Group } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useRoutes } from "@/api/routing";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty, Page } from "@/components/Page";
import { Reorder } from "@/components/Reorder";
import { StatusBadge } from "@/components/Status";
import { capital } from "@/format/text";
import { CallerIDs } from "./CallerIDs";
import { DeleteRoute } from "./DeleteRoute";
import classes from "./Routes.module.css";
import { callerIDWords, fallbackWords, matchWords, trunksWords } from "./words";

type Route = Schema<"Route">;

/** Which calls leave by which trunks: the first route that matches a call takes it. */
export function RoutesPage() {
  const routes = useRoutes();
  const trunks = useTrunks();
  const may = useMay("operator");
  const labelOf = (id: string) => trunks.data?.find((t) => t.trunk_id === id)?.label ?? id;
  const add = may && (
    <Button component={Link} to="/routes/new" leftSection={<IconPlus size={16} />}>
      Add a route
    </Button>
  );
  const columns: Column<Route>[] = [
    {
      name: "Route",
      cell: (r) => (
        <>
          <span className={classes.place}>{(routes.data?.indexOf(r) ?? 0) + 1}.</span> <b>{r.name}</b>
          <span className={classes.below}>{matchWords(r.match)}</span>
        </>
      ),
    },
    { name: "Calls", cell: (r) => matchWords(r.match), from: "tablet" },
    { name: "Trunks", cell: (r) => trunksWords(r.trunks, labelOf) },
    { name: "Caller ID", cell: (r) => capital(callerIDWords(r.caller_id)), from: "desktop" },
    { name: "State", cell: (r) => <State route={r} all={routes.data ?? []} />, width: "170px" },
  ];
  return (
    <Page
      title="Routes"
      sentence="Which calls leave by which trunks. They are asked from the top; the first that matches takes the call."
      action={add}
    >
      <DataTable
        label="Routes"
        columns={columns}
        rows={routes.data}
        keyOf={(r) => r.route_id}
        hrefOf={(r) => `/routes/${r.route_id}`}
        error={routes.error}
        retry={() => void routes.refetch()}
        skeletons={3}
        actions={may ? (r) => <Actions route={r} all={routes.data ?? []} /> : undefined}
        empty={
          <Empty title="No routes" action={add}>
            Without routes all calls {fallbackWords(trunks.data ?? [])}. A route sends some of them elsewhere: by
            number, purpose, agents, weekday or hour.
          </Empty>
        }
      />
      {routes.data && routes.data.length > 0 && (
        <p className={classes.note}>
          Calls that no route takes {fallbackWords(trunks.data ?? [])}. The next trunk is tried only when it is certain
          that no phone rang, three trunks at the most; trunks that fail come last. See where a number would go in the{" "}
          <Anchor component={Link} to="/dial-preview" underline="always">
            dial preview
          </Anchor>
          .
        </p>
      )}
      <CallerIDs routes={routes.data ?? []} />
    </Page>
  );
}

function State({ route, all }: { route: Route; all: Route[] }) {
  const above = all.find((r) => r.route_id === route.shadowed_by);
  if (!route.enabled) return <StatusBadge state="disabled" />;
  if (!above) return <StatusBadge state="ok" word="Enabled" quiet />;
  return (
    <span className={classes.shadowed}>
      <StatusBadge state="NOT_ANSWERED" word="Never reached" />
      <small>“{above.name}” above takes all its calls.</small>
    </span>
  );
}

function Actions({ route, all }: { route: Route; all: Route[] }) {
  const order = useAction({
    run: (route_ids: string[]) => read(api.PUT("/api/admin/routes/order", { body: { route_ids } })),
    touches: ["/api/admin/routes", "/api/admin/dial-preview"],
  });
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      <Reorder
        id={route.route_id}
        name={route.name}
        all={all.map((r) => r.route_id)}
        order={order.mutate}
        pending={order.isPending}
      />
      <DeleteRoute route={route} compact />
    </Group>
  );
}
