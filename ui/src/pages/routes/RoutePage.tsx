import { Skeleton } from "@mantine/core";
import { Navigate, useNavigate, useParams } from "react-router";
import { useRoutes } from "@/api/routing";
import { useMay } from "@/app/session";
import { Loaded } from "@/components/Loaded";
import { Empty, Page } from "@/components/Page";
import { DeleteRoute } from "./DeleteRoute";
import { RouteForm } from "./RouteForm";
import { newRoute, valuesOf } from "./values";

/** Adds a route. */
export function NewRoutePage() {
  if (!useMay("operator")) return <Navigate to="/routes" replace />;
  return (
    <Page title="Add a route" sentence="It is asked last. Move it up in the list afterwards." narrow>
      <RouteForm start={newRoute()} />
    </Page>
  );
}

/** A route: which calls it takes, through what, and as whom. */
export function RoutePage() {
  const { routeID = "" } = useParams();
  const routes = useRoutes();
  const may = useMay("operator");
  const navigate = useNavigate();
  const bones = (
    <Page title="Route" heading={<Skeleton height={28} width={160} />} narrow>
      <Skeleton height={480} />
    </Page>
  );
  return (
    <Loaded query={routes} bones={bones}>
      {(all) => {
        const route = all.find((r) => r.route_id === routeID);
        if (!route)
          return (
            <Page title="There is no such route">
              <Empty title="There is no such route">It may have been removed; the list has those that are there.</Empty>
            </Page>
          );
        const above = all.find((r) => r.route_id === route.shadowed_by);
        return (
          <Page
            title={route.name}
            sentence={
              above
                ? `No call reaches it: “${above.name}” stands above it and takes all its calls.`
                : `Number ${all.indexOf(route) + 1} of ${all.length}.`
            }
            action={may && <DeleteRoute route={route} onDone={() => void navigate("/routes")} />}
            narrow
          >
            <RouteForm key={route.route_id} id={route.route_id} start={valuesOf(route)} />
          </Page>
        );
      }}
    </Loaded>
  );
}
