import { Group, NumberInput, Select, Stack } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { FormFrame } from "@/components/FormFrame";
import { Section } from "@/components/Page";
import { purposes } from "@/components/purposes";
import { PurposesField } from "@/components/WeekFields";
import { HoursFields } from "./HoursFields";
import { checkRules, inputOf, summaryOf, valuesOf, type Values } from "./values";

export type RulesForm = UseFormReturnType<Values>;

/** The rules: when, whom not, and how often. Each is off until it is set. */
export function RulesForm({ rules }: { rules: Schema<"PermissionRules"> }) {
  const readOnly = !useMay("operator");
  const form = useForm<Values>({
    initialValues: valuesOf(rules),
    validate: checkRules,
    validateInputOnChange: true,
  });
  const save = useAction({
    run: (values: Values) => read(api.PUT("/api/admin/permission", { body: inputOf(values, rules.version) })),
    touches: ["/api/admin/permission", "/api/admin/dial-preview"],
    done: "Saved. The rules hold from the next call on; a call that waits for its agent is asked again.",
    quiet: true,
  });
  const words = summaryOf(form.values);
  return (
    <FormFrame
      dirty={form.isDirty()}
      saving={save.isPending}
      error={save.error}
      readOnly={readOnly}
      onReset={form.reset}
      onSubmit={form.onSubmit((values) => save.mutate(values))}
    >
      <Section
        title="Purpose"
        sentence="Why customers are called. The CRM says it with each call, or its API key does for it."
      >
        <Select
          label="When nobody says it, a call is"
          data={purposes.map((p) => ({ value: p.value, label: `${p.label}: ${p.description}` }))}
          maw={420}
          {...form.getInputProps("default_purpose")}
        />
      </Section>
      <Section title="Calling hours" sentence={words.hours}>
        <HoursFields form={form} />
      </Section>
      <Section title="Do not call" sentence={words.lists}>
        <PurposesField
          label="The lists below refuse"
          value={form.values.do_not_call}
          onChange={(v) => form.setFieldValue("do_not_call", v)}
        />
      </Section>
      <Section title="How often" sentence={words.frequency}>
        <Stack gap="md">
          <Group gap="md" align="flex-start">
            <Limit form={form} name="per_day" label="Calls to a number in 24 hours" />
            <Limit form={form} name="per_week" label="And in 7 days" />
          </Group>
          <PurposesField
            label="The limit holds for"
            description="Calls of all agents count together, when they are dialed."
            value={form.values.frequency.purposes}
            onChange={(v) => form.setFieldValue("frequency.purposes", v)}
          />
        </Stack>
      </Section>
    </FormFrame>
  );
}

function Limit({ form, name, label }: { form: RulesForm; name: "per_day" | "per_week"; label: string }) {
  return (
    <NumberInput
      label={label}
      placeholder="No limit"
      min={0}
      max={1000}
      w={220}
      allowDecimal={false}
      value={form.values.frequency[name] || ""}
      onChange={(v) => form.setFieldValue(`frequency.${name}`, Number(v))}
      error={form.errors[`frequency.${name}`]}
    />
  );
}
