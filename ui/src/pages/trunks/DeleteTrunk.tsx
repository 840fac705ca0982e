import { Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "react-router";
import { api, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { ProblemAlert } from "@/components/ProblemAlert";

/** Removes a trunk, after asking. The server refuses when calls refer to it, and says so. */
export function DeleteTrunk({ trunk }: { trunk: Schema<"Trunk"> }) {
  const [opened, { open, close }] = useDisclosure();
  const navigate = useNavigate();
  const remove = useAction({
    run: () => api.DELETE("/api/admin/trunks/{trunk_id}", { params: { path: { trunk_id: trunk.trunk_id } } }),
    touches: [["trunks"]],
    done: `Trunk ${trunk.label} removed.`,
    quiet: true,
    onDone: () => void navigate("/trunks"),
  });
  return (
    <>
      <Button variant="light" color="red" onClick={open}>
        Remove
      </Button>
      <Modal opened={opened} onClose={close} title={`Remove the trunk ${trunk.label}?`}>
        <Text size="sm">
          LiveKit's own trunk stays. A trunk that calls refer to cannot be removed: disable it instead.
        </Text>
        {remove.error && <ProblemAlert error={remove.error} mt="md" />}
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            Keep it
          </Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(undefined)}>
            Remove
          </Button>
        </Group>
      </Modal>
    </>
  );
}
