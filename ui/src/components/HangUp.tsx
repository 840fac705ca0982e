import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPhoneOff } from "@tabler/icons-react";
import type { Schema } from "@/api/client";
import { onDemand } from "./onDemand";

const HangUpDialog = onDemand(async () => (await import("./HangUpDialog")).HangUpDialog);

/** Ends a live call, after asking. */
export function HangUp({ call, compact }: { call: Schema<"CallSummary">; compact?: boolean }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button
        size={compact ? "compact-sm" : "sm"}
        variant="light"
        color="red"
        leftSection={<IconPhoneOff size={15} />}
        onClick={open}
      >
        Hang up
      </Button>
      <HangUpDialog call={call} opened={opened} close={close} />
    </>
  );
}
