import { Group, Stack, Switch, TextInput } from "@mantine/core";
import { useForm, type UseFormReturnType } from "@mantine/form";
import { useNavigate } from "react-router";
import { api, read } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useTrunks } from "@/api/trunks";
import { useMay } from "@/app/session";
import { FormFrame } from "@/components/FormFrame";
import { Section, Sections } from "@/components/Page";
import { DaysField, PurposesField, ZoneField } from "@/components/WeekFields";
import { CallerIDFields } from "./CallerIDFields";
import { checkRoute, inputOf, type Values } from "./values";
import { TrunkFields } from "./TrunkFields";
import { callerIDWords, matchWords, trunksWords } from "./words";
import classes from "./Routes.module.css";

export type RouteFormOf = UseFormReturnType<Values>;

/** What a route is made of; a sentence beside it says what it amounts to as one types. */
export function RouteForm({ id, start }: { id?: string; start: Values }) {
  const navigate = useNavigate();
  const trunks = useTrunks();
  const readOnly = !useMay("operator");
  const form = useForm<Values>({ initialValues: start, validate: checkRoute, validateInputOnChange: true });
  const leave = () => void navigate("/routes");
  const save = useAction({
    run: (values: Values) =>
      read(
        id
          ? api.PUT("/api/admin/routes/{route_id}", { params: { path: { route_id: id } }, body: inputOf(values) })
          : api.POST("/api/admin/routes", { body: inputOf(values) }),
      ),
    touches: ["/api/admin/routes", "/api/admin/caller-ids", "/api/admin/dial-preview"],
    done: (route) => `Route ${route.name} saved. The next call sees it.`,
    quiet: true,
    onDone: () => {
      form.resetDirty();
      leave();
    },
  });
  const labelOf = (trunkID: string) => trunks.data?.find((t) => t.trunk_id === trunkID)?.label ?? "…";
  return (
    <FormFrame
      dirty={form.isDirty()}
      saving={save.isPending || save.isSuccess}
      error={save.error}
      readOnly={readOnly}
      onSubmit={form.onSubmit((values) => save.mutate(values))}
      onReset={form.reset}
      onCancel={leave}
      save={id ? "Save" : "Add the route"}
    >
      <p className={classes.summary} aria-live="polite">
        <b>{matchWords(inputOf(form.values).match)}</b> → {trunksWords(inputOf(form.values).trunks, labelOf) || "…"}, as{" "}
        {callerIDWords(inputOf(form.values).caller_id)}.{!form.values.enabled && " Disabled: it takes no calls."}
      </p>
      <Sections>
        <Section title="Name">
          <Stack gap="md" maw={520}>
            <TextInput aria-label="Name" required maxLength={128} autoFocus={!id} {...form.getInputProps("name")} />
            <Switch
              label="Enabled"
              description="A disabled route is passed over."
              {...form.getInputProps("enabled", { type: "checkbox" })}
            />
          </Stack>
        </Section>
        <Section title="Which calls" sentence="What is empty matches every call; all that is set must match.">
          <Conditions form={form} />
        </Section>
        <Section
          title="Through which trunks"
          sentence="Lower priorities are tried first. Among equals, the weight is each one's share of the calls."
        >
          <TrunkFields form={form} trunks={trunks.data ?? []} />
        </Section>
        <Section
          title="Caller ID"
          sentence="What customers see, unless the CRM sends a caller ID. Without numbers it is the trunk's default."
        >
          <CallerIDFields form={form} />
        </Section>
      </Sections>
    </FormFrame>
  );
}

function Conditions({ form }: { form: RouteFormOf }) {
  const set = <Field extends keyof Values["match"]>(field: Field, value: Values["match"][Field]) =>
    form.setFieldValue("match", { ...form.values.match, [field]: value });
  return (
    <Stack gap="md">
      <Group grow align="flex-start" maw={640}>
        <TextInput
          label="Number pattern"
          description="Digits, x for any digit, * for any rest."
          placeholder="Any number"
          maxLength={11}
          {...form.getInputProps("match.number")}
        />
        <TextInput
          label="Agents"
          description="The beginning of agent_id."
          placeholder="Any agent"
          maxLength={128}
          {...form.getInputProps("match.agent_prefix")}
        />
      </Group>
      <PurposesField
        label="Purpose"
        description="As the CRM or its API key says. None: any."
        value={form.values.match.purposes}
        onChange={(v) => set("purposes", v)}
      />
      <DaysField label="Weekdays" value={form.values.match.days} onChange={(v) => set("days", v)} />
      <Group align="flex-start" maw={640}>
        <TextInput label="From" w={110} placeholder="00:00" maxLength={5} {...form.getInputProps("match.from")} />
        <TextInput label="To" w={110} placeholder="24:00" maxLength={5} {...form.getInputProps("match.to")} />
        <ZoneField
          label="In the time zone"
          w={220}
          value={form.values.match.zone}
          onChange={(z) => set("zone", z ?? "UTC")}
        />
      </Group>
    </Stack>
  );
}
