import { Alert, Button, Group, SimpleGrid, Stack, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { ProblemAlert } from "@/components/ProblemAlert";
import { SecretField } from "@/components/SecretField";
import { capital } from "@/format/text";
import type { Values } from "./values";

interface Props {
  form: UseFormReturnType<Values>;
  stored: Schema<"SecretState">;
  readOnly: boolean;
  /** Why saving refused the credentials. */
  failed: string | null;
  /** Another check makes the word of the last saving old. */
  forgetFailure: () => void;
}

/** LiveKit's address and credentials, with a live check that says precisely what is wrong. */
export function LiveKitFields({ form, stored, readOnly, failed, forgetFailure }: Props) {
  const check = useAction({
    run: ({ url, api_key, api_secret }: Values) =>
      read(
        api.POST("/api/admin/settings/check-livekit", {
          body: { url: url.trim(), api_key: api_key.trim(), api_secret: api_secret || undefined },
        }),
      ),
    quiet: true,
  });
  return (
    <Stack gap="md" maw={560}>
      <TextInput
        label="URL"
        placeholder="wss://livekit.example.com"
        autoComplete="off"
        {...form.getInputProps("url")}
      />
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <TextInput label="API key" autoComplete="off" {...form.getInputProps("api_key")} />
        <SecretField
          label="API secret"
          stored={stored}
          value={form.values.api_secret}
          onChange={(v) => form.setFieldValue("api_secret", v)}
          readOnly={readOnly}
        />
      </SimpleGrid>
      {!readOnly && (
        <Group>
          <Button
            variant="default"
            loading={check.isPending}
            onClick={() => {
              forgetFailure();
              check.mutate(form.values);
            }}
          >
            Check without saving
          </Button>
        </Group>
      )}
      <div aria-live="polite">
        {failed && (
          <Alert
            color="red"
            icon={<IconAlertTriangle size={18} />}
            title="Not saved: LiveKit did not accept these credentials"
          >
            {capital(failed)}
          </Alert>
        )}
        {!failed && check.data && (
          <Alert
            color={check.data.ok ? "green" : "red"}
            icon={check.data.ok ? <IconCheck size={18} /> : <IconAlertTriangle size={18} />}
          >
            {capital(check.data.message) || "LiveKit accepts them, and its SIP service answers."}
          </Alert>
        )}
        {check.error && <ProblemAlert error={check.error} />}
      </div>
    </Stack>
  );
}
