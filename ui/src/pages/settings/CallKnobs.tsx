import { Radio, SimpleGrid, Stack, Switch, Text, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { Code } from "@/components/Code";
import { durationKnobs, type Values } from "./values";

type Form = UseFormReturnType<Values>;

/** The time limits of a call. */
export function CallKnobs({ form }: { form: Form }) {
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="lg">
        {durationKnobs.map((k) => (
          <TextInput
            key={k.name}
            label={k.label}
            description={k.description}
            inputWrapperOrder={["label", "input", "description", "error"]}
            {...form.getInputProps(`knobs.${k.name}`)}
          />
        ))}
      </SimpleGrid>
      <Switch
        label="Refuse to dial while the agent is not in the room"
        description="Nobody answers to silence. The agent is looked for up to 2 seconds."
        {...form.getInputProps("require_agent", { type: "checkbox" })}
      />
    </Stack>
  );
}

/** The two modes. Both listen to everything; they differ in how often rooms are looked at. */
export function AnswerDetection({ form, webhookURL }: { form: Form; webhookURL: string | null }) {
  return (
    <Stack gap="md" maw={640}>
      <Radio.Group aria-label="Answer detection" {...form.getInputProps("answer_detection")}>
        <Stack gap="sm">
          <Radio
            value="polling"
            label="Polling"
            description="The backend samples the room's participants. No public URL needed — ideal for local dev behind NAT."
          />
          <Radio
            value="webhook"
            label="Webhook"
            description="LiveKit pushes events to /webhooks/livekit. Event-driven (no polling), with a slow periodic check for lost events. Needs LiveKit configured to reach our backend URL."
          />
        </Stack>
      </Radio.Group>
      {form.values.answer_detection === "webhook" &&
        (webhookURL ? (
          <Code title="Enter this in LiveKit's webhook list" text={webhookURL} />
        ) : (
          <Text size="sm" c="red">
            Set CLICK2CALL_PUBLIC_URL, so that LiveKit can be told where to post its events.
          </Text>
        ))}
    </Stack>
  );
}
