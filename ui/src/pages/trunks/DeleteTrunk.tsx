import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "react-router";
import { api, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";

/** Removes a trunk, after asking. The server refuses when calls refer to it, and says so. */
export function DeleteTrunk({ trunk }: { trunk: Schema<"Trunk"> }) {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const remove = useAction({
    run: () => api.DELETE("/api/admin/trunks/{trunk_id}", { params: { path: { trunk_id: trunk.trunk_id } } }),
    touches: ["/api/admin/trunks", "/api/admin/caller-ids"],
    done: `Trunk ${trunk.label} removed.`,
    quiet: true,
    onDone: () => void navigate("/trunks"),
  });
  return (
    <>
      <Button variant="light" color="red" onClick={open}>
        Remove
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title={`Remove the trunk ${trunk.label}?`}
        verb="Remove"
        onConfirm={() => remove.mutate(undefined)}
        pending={remove.isPending}
        error={remove.error}
      >
        LiveKit&apos;s own trunk stays. A trunk that calls or routes refer to cannot be removed: disable it instead.
      </Confirm>
    </>
  );
}
