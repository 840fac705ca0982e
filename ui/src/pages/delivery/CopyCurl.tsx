import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconTerminal2 } from "@tabler/icons-react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { curlOf } from "./curl";

/** Copies an attempt as a curl command. Operators get the exact body, which is written into the audit log; others the masked one. */
export function CopyCurl({ attempt, delivery }: { attempt: Schema<"Attempt">; delivery: Schema<"DeliveryDetail"> }) {
  const exact = useMay("operator");
  const { copied, copy } = useClipboard({ timeout: 1500 });
  const take = useAction({
    run: async () => {
      if (!exact) return delivery.masked_body;
      const { call_id } = delivery.delivery;
      const revealed = await read(api.POST("/api/admin/calls/{call_id}/reveal", { params: { path: { call_id } } }));
      return revealed.webhook_body ?? delivery.masked_body;
    },
    onDone: (body) => copy(curlOf(attempt, body)),
  });
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={copied ? <IconCheck size={14} /> : <IconTerminal2 size={14} />}
      loading={take.isPending}
      onClick={() => take.mutate(undefined)}
      title={exact ? "With the exact body; that is in the audit log" : "With the masked number"}
    >
      {copied ? "Copied" : "Copy as cURL"}
    </Button>
  );
}
