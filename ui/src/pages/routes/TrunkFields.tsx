import { ActionIcon, Button, Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Schema } from "@/api/client";
import type { RouteFormOf } from "./RouteForm";
import classes from "./Routes.module.css";

const mostTrunks = 20;

/** A route's trunks, each with its priority and weight. */
export function TrunkFields({ form, trunks }: { form: RouteFormOf; trunks: Schema<"Trunk">[] }) {
  const options = trunks.map((t) => ({ value: t.trunk_id, label: t.enabled ? t.label : `${t.label} (disabled)` }));
  const lastPriority = Number(form.values.trunks.at(-1)?.priority ?? 0);
  return (
    <Stack gap="sm">
      {form.values.trunks.map((_, i) => (
        <Group key={i} gap="xs" align="flex-start" wrap="nowrap" className={classes.part}>
          <Select
            label={i === 0 ? "Trunk" : undefined}
            aria-label={`Trunk ${i + 1}`}
            placeholder="Choose"
            data={options}
            searchable={options.length > 8}
            className={classes.wide}
            {...form.getInputProps(`trunks.${i}.trunk_id`)}
          />
          <NumberInput
            label={i === 0 ? "Priority" : undefined}
            aria-label={`Priority of trunk ${i + 1}`}
            min={0}
            max={1000}
            w={92}
            allowDecimal={false}
            {...form.getInputProps(`trunks.${i}.priority`)}
          />
          <NumberInput
            label={i === 0 ? "Weight" : undefined}
            aria-label={`Weight of trunk ${i + 1}`}
            min={1}
            max={1000}
            w={92}
            allowDecimal={false}
            {...form.getInputProps(`trunks.${i}.weight`)}
          />
          <ActionIcon
            aria-label={`Remove trunk ${i + 1}`}
            className={i === 0 ? classes.underLabel : undefined}
            mt={3}
            disabled={form.values.trunks.length === 1}
            onClick={() => form.removeListItem("trunks", i)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Group>
      ))}
      {form.errors.trunks && (
        <Text size="sm" c="red">
          {form.errors.trunks}
        </Text>
      )}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={form.values.trunks.length >= mostTrunks}
          onClick={() => form.insertListItem("trunks", { trunk_id: "", priority: lastPriority + 1, weight: 1 })}
        >
          Add a trunk
        </Button>
      </div>
    </Stack>
  );
}
