import { Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import type { UseFormReturnType } from "@mantine/form";
import { describeSchedule, type Values } from "./values";

type Form = UseFormReturnType<Values>;

/** When a delivery is tried, and over what. */
export function DeliveryRules({ form }: { form: Form }) {
  return (
    <Stack gap="md" maw={640}>
      <TextInput
        label="Schedule"
        inputWrapperOrder={["label", "input", "description", "error"]}
        description={describeSchedule(form.values.schedule)}
        {...form.getInputProps("schedule")}
      />
      <Switch
        label="https only"
        description="Plain http reaches only the ranges that WEBHOOK_ALLOWED_RANGES names."
        {...form.getInputProps("https_only", { type: "checkbox" })}
      />
    </Stack>
  );
}

/** The origins of the CRM's pages. */
export function Origins({ form }: { form: Form }) {
  return (
    <TagsInput
      maw={640}
      aria-label="Allowed origins"
      placeholder="https://crm.example.com"
      description="* allows all: no cookies are involved, the call id admits."
      maxTags={50}
      acceptValueOnBlur
      {...form.getInputProps("origins")}
    />
  );
}
