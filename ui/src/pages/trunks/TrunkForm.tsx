import { Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useNavigate } from "react-router";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { fieldErrors } from "@/components/fields";
import { FormFrame } from "@/components/FormFrame";
import { LimitFields } from "@/components/LimitFields";
import { useLiveKitTrunks } from "./livekit";
import classes from "./Trunks.module.css";

type Input = Schema<"TrunkInput">;

interface Props {
  /** Absent for a new trunk. */
  id?: string;
  start: Input;
  /** When it is saved, or left without; a new trunk leads back to the list. */
  onDone?: () => void;
}

/** What a trunk is made of. It checks shapes as one types; the server has the last word. */
export function TrunkForm({ id, start, onDone }: Props) {
  const navigate = useNavigate();
  const liveKit = useLiveKitTrunks();
  const form = useForm<Input>({
    initialValues: start,
    validateInputOnChange: true,
    validate: {
      label: (v) => (v.trim() === "" ? "Give it a name that operators know" : null),
      livekit_trunk_id: (v) => (v === "" ? "Choose the LiveKit trunk" : null),
      default_did: (v) => (v.replace(/[^0-9]/g, "").length < 7 ? "A number such as +919999999999" : null),
      prefix: (v) => (/^[0-9+*#]{0,16}$/.test(v) ? null : "At most 16 digits or the signs + * #"),
    },
  });
  const save = useAction({
    run: (body: Input) =>
      read(
        id
          ? api.PUT("/api/admin/trunks/{trunk_id}", { params: { path: { trunk_id: id } }, body })
          : api.POST("/api/admin/trunks", { body }),
      ),
    touches: ["/api/admin/trunks", "/api/admin/caller-ids", "/api/admin/dial-preview", "/api/admin/overview"],
    done: (trunk) => `Trunk ${trunk.label} saved. The next call sees it.`,
    quiet: true,
    onDone: () => {
      form.resetDirty();
      if (onDone) onDone();
      else void navigate("/trunks");
    },
  });
  const said = fieldErrors(save.error);
  const options = (liveKit.data ?? []).map((t) => ({ value: t.livekit_trunk_id, label: t.name || t.livekit_trunk_id }));
  const known = options.some((o) => o.value === form.values.livekit_trunk_id);
  if (form.values.livekit_trunk_id && !known)
    options.push({ value: form.values.livekit_trunk_id, label: form.values.livekit_trunk_id });
  return (
    <FormFrame
      dirty={form.isDirty()}
      saving={save.isPending}
      error={save.error && Object.keys(said).length === 0 ? save.error : null}
      onSubmit={form.onSubmit((values) => save.mutate(values))}
      onReset={form.reset}
      onCancel={onDone ?? (() => void navigate("/trunks"))}
      save={id ? "Save" : "Add the trunk"}
    >
      <Stack gap="md" maw={520}>
        <TextInput
          label="Label"
          required
          maxLength={64}
          data-autofocus
          autoFocus={!id}
          {...form.getInputProps("label")}
          error={form.errors.label ?? said.label}
        />
        <Select
          label="LiveKit trunk"
          required
          searchable
          data={options}
          placeholder={liveKit.isPending ? "Asking LiveKit…" : "Choose"}
          nothingFoundMessage="LiveKit has no outbound trunk of that name. Make one with the lk command: lk sip outbound create"
          description="From LiveKit's own list of outbound trunks."
          renderOption={({ option }) => (
            <LiveKitOption
              trunk={liveKit.data?.find((t) => t.livekit_trunk_id === option.value)}
              label={option.label}
            />
          )}
          {...form.getInputProps("livekit_trunk_id")}
          error={
            form.errors.livekit_trunk_id ?? said.livekit_trunk_id ?? (liveKit.error ? liveKit.error.message : undefined)
          }
        />
        <Group grow align="flex-start">
          <TextInput
            label="Prefix"
            description="Dialed before the number. Internal."
            placeholder="None"
            maxLength={16}
            {...form.getInputProps("prefix")}
            error={form.errors.prefix ?? said.prefix}
          />
          <TextInput
            label="Default DID"
            required
            description="The caller ID when the CRM sends none."
            placeholder="+919999999999"
            maxLength={32}
            {...form.getInputProps("default_did")}
            error={form.errors.default_did ?? said.default_did}
          />
        </Group>
        <LimitFields
          value={{
            max_concurrent_calls: form.values.max_concurrent_calls ?? 0,
            max_calls_per_second: form.values.max_calls_per_second ?? 0,
          }}
          onChange={(limits) => form.setValues(limits)}
          errorOf={(name) => said[name]}
        />
        <Switch
          label="Enabled"
          description="A disabled trunk takes no calls."
          {...form.getInputProps("enabled", { type: "checkbox" })}
        />
        <Switch
          label="Default"
          description={
            start.default && id
              ? "Calls leave by this one. Make another trunk the default to change that."
              : "Calls leave by the default."
          }
          disabled={start.default && id !== undefined}
          {...form.getInputProps("default", { type: "checkbox" })}
        />
        {said.default && (
          <Text c="red" size="sm">
            {said.default}
          </Text>
        )}
      </Stack>
    </FormFrame>
  );
}

function LiveKitOption({ trunk, label }: { trunk: Schema<"LiveKitTrunk"> | undefined; label: string }) {
  return (
    <span className={classes.option}>
      {label}
      {trunk && (
        <small>
          {trunk.numbers.join(", ") || "no numbers"} · {trunk.address} ·{" "}
          {trunk.has_auth ? "with a password" : "no password"}
        </small>
      )}
    </span>
  );
}
