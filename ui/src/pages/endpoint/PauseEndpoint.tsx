import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";

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
    touches: ["/api/admin/endpoints", "/api/admin/deliveries", "/api/admin/audit"],
    done: asked.done,
    quiet: true,
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
      <Confirm
        opened={opened}
        close={close}
        title={`${asked.name}?`}
        verb={asked.name}
        keep="Leave it as it is"
        onConfirm={() => change.mutate(undefined)}
        pending={change.isPending}
        error={change.error}
        harmless
      >
        {asked.means}
      </Confirm>
    </>
  );
}
