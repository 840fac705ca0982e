import { Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";

/** Holds deliveries back, or lets them go. */
export function PauseEndpoint({ endpoint: e }: { endpoint: Schema<"Endpoint"> }) {
  const [opened, { open, close }] = useDisclosure();
  const paused = e.state === "paused";
  const change = useAction({
    run: () => read(api.PATCH("/api/admin/endpoints/{endpoint_id}", { params: { path: { endpoint_id: e.endpoint_id } }, body: { state: paused ? "active" : "paused" } })),
    touches: [["endpoints"], ["deliveries"], ["audit"]],
    done: paused ? "Resumed. What waited goes out, the oldest first." : "Paused. Outcomes are kept and wait.",
    onDone: close,
  });
  const name = paused ? "Resume deliveries" : "Pause deliveries";
  return (
    <>
      <Button variant="default" leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />} onClick={open}>
        {name}
      </Button>
      <Modal opened={opened} onClose={close} title={`${name}?`}>
        <Text size="sm">
          {paused ? "What waited goes out at once, the oldest first." : "Nothing is posted to the CRM until somebody resumes it. Outcomes are kept and wait; none is lost. Replays by hand still go out."}
        </Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          <Button loading={change.isPending} onClick={() => change.mutate(undefined)}>
            {name}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
