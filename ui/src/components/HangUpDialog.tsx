import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "./Confirm";

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
    touches: ["/api/admin/calls/{call_id}", "/api/admin/calls", "/api/admin/overview"],
    done: ({ status }) => (status === "ending" ? "The call is ending." : "The call was over already."),
    quiet: true,
    onDone: close,
  });
  return (
    <Confirm
      opened={opened}
      close={close}
      title={`Hang up the call with ${call.masked_number}?`}
      verb="Hang up"
      keep="Keep the call"
      onConfirm={() => hangUp.mutate(undefined)}
      pending={hangUp.isPending}
      error={hangUp.error}
    >
      {call.answered_at ? "They are talking. " : ""}Both sides are cut off at once, and the CRM gets the outcome with{" "}
      <code>hangup_by: operator</code>.
    </Confirm>
  );
}
