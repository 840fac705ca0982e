import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { checkURL } from "./TargetForm";

/** Sets the webhook URL when there is none. It is no form of its own: it stands among the settings, which are one. */
export function NewEndpoint({ onAdded }: { onAdded: (added: Schema<"AddedEndpoint">) => void }) {
  const [url, setURL] = useState("");
  const [key, setKey] = useState("");
  const add = useAction({
    run: () => read(api.POST("/api/admin/endpoints", { body: { url: url.trim(), api_key: key } })),
    touches: ["/api/admin/endpoints", "/api/admin/audit"],
    onDone: onAdded,
  });
  return (
    <Stack gap="sm" maw={560}>
      <TextInput
        label="Webhook URL"
        placeholder="https://crm.example.com/hooks/calls"
        autoComplete="off"
        maxLength={2048}
        value={url}
        error={url ? checkURL(url) : null}
        onChange={(e) => setURL(e.currentTarget.value)}
      />
      <PasswordInput
        label="X-api-key"
        description="What we send, so that the receiver knows us. It may be empty."
        autoComplete="off"
        maxLength={2048}
        value={key}
        onChange={(e) => setKey(e.currentTarget.value)}
      />
      <Group>
        <Button
          type="button"
          disabled={url === "" || checkURL(url) !== null}
          loading={add.isPending}
          onClick={() => add.mutate(undefined)}
        >
          Set the URL
        </Button>
      </Group>
    </Stack>
  );
}
