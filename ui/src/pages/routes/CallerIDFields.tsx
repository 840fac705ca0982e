import { ActionIcon, Button, Group, NumberInput, Radio, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { RouteFormOf } from "./RouteForm";
import classes from "./Routes.module.css";
import { seriesChoices } from "./words";

const mostNumbers = 100;

/** The caller IDs of a route, and how one of them is chosen. */
export function CallerIDFields({ form }: { form: RouteFormOf }) {
  const { dids, mode } = form.values.caller_id;
  return (
    <Stack gap="sm">
      {dids.map((_, i) => (
        <Group key={i} gap="xs" align="flex-start" wrap="nowrap" className={classes.part}>
          <TextInput
            label={i === 0 ? "Number" : undefined}
            aria-label={`Caller ID ${i + 1}`}
            placeholder="+919999999999"
            maxLength={32}
            className={classes.wide}
            {...form.getInputProps(`caller_id.dids.${i}.number`)}
          />
          <Select
            label={i === 0 ? "Series" : undefined}
            aria-label={`Series of caller ID ${i + 1}`}
            data={seriesChoices}
            w={170}
            {...form.getInputProps(`caller_id.dids.${i}.series`)}
          />
          <ActionIcon
            aria-label={`Remove caller ID ${i + 1}`}
            className={i === 0 ? classes.underLabel : undefined}
            mt={3}
            onClick={() => form.removeListItem("caller_id.dids", i)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={dids.length >= mostNumbers}
          onClick={() => form.insertListItem("caller_id.dids", { number: "", series: "standard" })}
        >
          Add a number
        </Button>
      </div>
      {dids.length > 1 && (
        <Radio.Group label="Which of them" {...form.getInputProps("caller_id.mode")}>
          <Stack gap="xs" mt="xs">
            <Radio value="fixed" label="The first" />
            <Radio value="round_robin" label="Each in turn" />
            <Radio value="sticky" label="The same one to the same customer, for some days" />
          </Stack>
        </Radio.Group>
      )}
      {dids.length > 1 && mode === "sticky" && (
        <NumberInput
          label="Days"
          min={1}
          max={365}
          w={110}
          allowDecimal={false}
          {...form.getInputProps("caller_id.days")}
        />
      )}
      {dids.some((d) => d.series !== "standard") && (
        <p className={classes.note}>
          140 numbers are shown for promotional calls only, 1600 numbers never for them. When none of the numbers may be
          shown, it is the trunk&apos;s default.
        </p>
      )}
    </Stack>
  );
}
