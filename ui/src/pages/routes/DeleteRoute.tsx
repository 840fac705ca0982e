import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { api, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";
import { routesTouch, useOfferUndo } from "./undo";
import { matchWords } from "./words";

/** Removes a route, after asking. */
export function DeleteRoute({
  route,
  compact,
  onDone,
}: {
  route: Schema<"Route">;
  compact?: boolean;
  onDone?: () => void;
}) {
  const [opened, { open, close }] = useDisclosure();
  const offer = useOfferUndo(route);
  const remove = useAction({
    run: () => api.DELETE("/api/admin/routes/{route_id}", { params: { path: { route_id: route.route_id } } }),
    touches: routesTouch,
    quiet: true,
    onDone: () => {
      close();
      offer();
      onDone?.();
    },
  });
  return (
    <>
      {compact ? (
        <Tooltip label="Remove">
          <ActionIcon aria-label={`Remove ${route.name}`} onClick={open}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <Button variant="light" color="red" onClick={open}>
          Remove
        </Button>
      )}
      <Confirm
        opened={opened}
        close={close}
        title={`Remove the route ${route.name}?`}
        verb="Remove"
        onConfirm={() => remove.mutate(undefined)}
        pending={remove.isPending}
        error={remove.error}
      >
        Its calls ({matchWords(route.match).replace(/^./, (c) => c.toLowerCase())}) go by the next route that matches,
        or by the default trunk. Calls under way are not touched. To keep it for later, disable it instead.
      </Confirm>
    </>
  );
}
