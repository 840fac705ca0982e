import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { ask, type Touched } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { inputOf, valuesOf } from "./values";

type Route = Schema<"Route">;

/** What is read again after routes changed. */
export const routesTouch: readonly Touched[] = [
  "/api/admin/routes",
  "/api/admin/caller-ids",
  "/api/admin/dial-preview",
];

const offeredFor = 15_000;

/** Where a route that comes back goes among those that are there now: before the first of those that came after it. */
export function orderWith(made: string, was: readonly string[], removed: string, now: readonly string[]): string[] {
  const others = now.filter((id) => id !== made);
  const after = was.slice(was.indexOf(removed) + 1);
  const at = others.findIndex((id) => after.includes(id));
  return at < 0 ? [...others, made] : others.toSpliced(at, 0, made);
}

/** Returns what says that a route was removed, and offers to have it back, at its place. */
export function useOfferUndo(route: Route): () => void {
  const client = useQueryClient();
  const undo = useAction({
    run: async (was: readonly string[]) => {
      const made = await read(api.POST("/api/admin/routes", { body: inputOf(valuesOf(route)) }));
      const { routes } = await read(api.GET("/api/admin/routes"));
      const now = routes.map((r) => r.route_id);
      const route_ids = orderWith(made.route_id, was, route.route_id, now);
      return read(api.PUT("/api/admin/routes/order", { body: { route_ids } }));
    },
    touches: routesTouch,
    done: `Route ${route.name} is back.`,
  });
  return () => {
    const id = `removed-${route.route_id}`;
    const was = (client.getQueryData(ask("/api/admin/routes").queryKey)?.routes ?? [route]).map((r) => r.route_id);
    const again = () => {
      notifications.hide(id);
      undo.mutate(was);
    };
    notifications.show({
      id,
      autoClose: offeredFor,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <span>Route {route.name} removed.</span>
          <Button size="compact-sm" variant="default" onClick={again}>
            Undo
          </Button>
        </Group>
      ),
    });
  };
}
