import { NumberInput, Stack, Switch } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { LimitFields } from "@/components/LimitFields";
import { OneCallHint } from "./OneCallHint";
import { longestQueueWait, type Values } from "./values";

/** How many calls leave at once, and what happens to those for which no line is free. */
export function Limits({ form, readOnly }: { form: UseFormReturnType<Values>; readOnly: boolean }) {
  const { limits } = form.values;
  return (
    <Stack gap="md" maw={520}>
      <LimitFields
        value={limits}
        onChange={(changed) => form.setFieldValue("limits", { ...limits, ...changed })}
        errorOf={(name) => form.errors[`limits.${name}`]}
      />
      <NumberInput
        label="Wait for a line"
        description="Seconds that a call waits for a line that gets free, first come, first served. Then it ends FAILED, trunk_capacity."
        placeholder="Not at all"
        min={0}
        max={longestQueueWait}
        allowDecimal={false}
        value={limits.queue_wait_seconds || ""}
        onChange={(typed) => form.setFieldValue("limits.queue_wait_seconds", Number(typed))}
        error={form.errors["limits.queue_wait_seconds"]}
      />
      <Switch
        label="Refuse while no line is free"
        description="/connect answers 429 trunk_busy, and the agent may ask again. Otherwise it waits as long as is said above."
        {...form.getInputProps("limits.refuse_when_busy", { type: "checkbox" })}
      />
      {!limits.one_call_per_agent && !readOnly && (
        <OneCallHint switchOn={() => form.setFieldValue("limits.one_call_per_agent", true)} />
      )}
      <Switch
        label="One live call per agent"
        description="The second call of an agent_id is refused with 409 agent_busy. For CRMs that give every agent an id of their own."
        {...form.getInputProps("limits.one_call_per_agent", { type: "checkbox" })}
      />
    </Stack>
  );
}
