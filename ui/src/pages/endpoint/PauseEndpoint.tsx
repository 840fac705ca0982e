import { Button, Group, Modal, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";

const acts = {
  active: {
    name: "Pause deliveries",
    icon: <IconPlayerPause size={16} />,
    to: "paused",
    done: "Paused. Outcomes are kept and wait.",
    means:
      "Nothing is posted to the CRM until somebody resumes it. Outcomes are kept and wait; none is lost. Replays by hand still go out.",
  },
  paused: {
    name: "Resume deliveries",
    icon: <IconPlayerPlay size={16} />,
    to: "active",
    done: "Resumed. What waited goes out, the oldest first.",
    means: "What waited goes out at once, the oldest first.",
  },
} as const;

/** Holds deliveries back, or lets them go. */
export function PauseEndpoint({ endpoint: e }: { endpoint: Schema<"Endpoint"> }) {
  const [opened, { open, close }] = useDisclosure();
  const next = e.state === "paused" ? acts.paused : acts.active;
  const [asked, setAsked] = useState<(typeof acts)[keyof typeof acts]>(next); // the dialog keeps its words while it fades
  const change = useAction({
    run: () =>
      read(
        api.PATCH("/api/admin/endpoints/{endpoint_id}", {
          params: { path: { endpoint_id: e.endpoint_id } },
          body: { state: asked.to },
        }),
      ),
    touches: [["endpoints"], ["deliveries"], ["audit"]],
    done: asked.done,
    onDone: close,
  });
  const ask = () => {
    setAsked(next);
    open();
  };
  return (
    <>
      <Button variant="default" leftSection={next.icon} onClick={ask}>
        {next.name}
      </Button>
      <Modal opened={opened} onClose={close} title={`${asked.name}?`}>
        <Text size="sm">{asked.means}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            Leave it as it is
          </Button>
          <Button loading={change.isPending} onClick={() => change.mutate(undefined)}>
            {asked.name}
          </Button>
        </Group>
      </Modal>
    </>
  );
}
