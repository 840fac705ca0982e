import { Button, Group, Modal, Text } from "@mantine/core";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";

/** Asks before a live call is ended. */
export function HangUpDialog({
  call,
  opened,
  close,
}: {
  call: Schema<"CallSummary">;
  opened: boolean;
  close: () => void;
}) {
  const hangUp = useAction({
    run: () => read(api.POST("/api/admin/calls/{call_id}/hangup", { params: { path: { call_id: call.call_id } } })),
    touches: [["call", call.call_id], ["calls"], ["overview"]],
    done: ({ status }) => (status === "ending" ? "The call is ending." : "The call was over already."),
    onDone: close,
  });
  return (
    <Modal opened={opened} onClose={close} title={`Hang up the call with ${call.masked_number}?`}>
      <Text size="sm">
        {call.answered_at ? "They are talking. " : ""}Both sides are cut off at once, and the CRM gets the outcome with{" "}
        <code>hangup_by: operator</code>.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close}>
          Let it go on
        </Button>
        <Button color="red" loading={hangUp.isPending} onClick={() => hangUp.mutate(undefined)}>
          Hang up
        </Button>
      </Group>
    </Modal>
  );
}
