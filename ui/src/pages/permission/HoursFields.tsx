import { ActionIcon, Button, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { purposes } from "@/components/purposes";
import { DaysField, PurposesField, ZoneField } from "@/components/WeekFields";
import classes from "./Permission.module.css";
import type { RulesForm } from "./RulesForm";

const mostHours = 50;
const mostHolidays = 1000;

/** When customers may be called, by purpose, and the days on which they may not. */
export function HoursFields({ form }: { form: RulesForm }) {
  const { hours, hours_on } = form.values;
  return (
    <Stack gap="md">
      <Switch label="Keep to calling hours" {...form.getInputProps("hours_on", { type: "checkbox" })} />
      {hours_on && (
        <>
          <ZoneField
            label="Time zone of the customers"
            maw={260}
            value={hours.zone}
            onChange={(z) => form.setFieldValue("hours.zone", z ?? "UTC")}
          />
          <OpenHours form={form} />
          <Holidays form={form} />
          <PurposesField
            label="Nobody is called on a holiday for"
            value={hours.closed_on_holidays}
            onChange={(v) => form.setFieldValue("hours.closed_on_holidays", v)}
          />
        </>
      )}
    </Stack>
  );
}

function OpenHours({ form }: { form: RulesForm }) {
  const { open } = form.values.hours;
  return (
    <Stack gap="sm">
      {open.length === 0 && (
        <Text size="sm" c="dimmed">
          No hours yet. A purpose without hours may be called for at any time.
        </Text>
      )}
      {open.map((o, i) => (
        <div key={i} className={classes.hours}>
          <Select
            aria-label={`Purpose of hours ${i + 1}`}
            data={purposes}
            w={150}
            {...form.getInputProps(`hours.open.${i}.purpose`)}
          />
          <DaysField
            label={`Days of hours ${i + 1}`}
            quiet
            value={o.days}
            onChange={(days) => form.setFieldValue(`hours.open.${i}.days`, days)}
            error={form.errors[`hours.open.${i}.days`]}
          />
          <Group gap={6} align="flex-start" wrap="nowrap">
            <TextInput
              aria-label={`Beginning of hours ${i + 1}`}
              w={78}
              maxLength={5}
              {...form.getInputProps(`hours.open.${i}.from`)}
            />
            <span className={classes.to}>to</span>
            <TextInput
              aria-label={`End of hours ${i + 1}`}
              w={78}
              maxLength={5}
              {...form.getInputProps(`hours.open.${i}.to`)}
            />
            <ActionIcon
              mt={3}
              aria-label={`Remove hours ${i + 1}`}
              onClick={() => form.removeListItem("hours.open", i)}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Group>
        </div>
      ))}
      <div>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={14} />}
          disabled={open.length >= mostHours}
          onClick={() =>
            form.insertListItem("hours.open", {
              purpose: "promotional",
              days: [1, 2, 3, 4, 5, 6],
              from: "09:00",
              to: "21:00",
            })
          }
        >
          Add hours
        </Button>
      </div>
    </Stack>
  );
}

function Holidays({ form }: { form: RulesForm }) {
  const { holidays } = form.values.hours;
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        Holidays
      </Text>
      {holidays.map((_, i) => (
        <Group key={i} gap="xs" align="flex-start" wrap="nowrap" maw={480}>
          <TextInput
            aria-label={`Date of holiday ${i + 1}`}
            type="date"
            w={150}
            {...form.getInputProps(`hours.holidays.${i}.date`)}
          />
          <TextInput
            aria-label={`Name of holiday ${i + 1}`}
            placeholder="Republic Day"
            maxLength={128}
            className={classes.wide}
            {...form.getInputProps(`hours.holidays.${i}.name`)}
          />
          <ActionIcon
            mt={3}
            aria-label={`Remove holiday ${i + 1}`}
            onClick={() => form.removeListItem("hours.holidays", i)}
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
          disabled={holidays.length >= mostHolidays}
          onClick={() => form.insertListItem("hours.holidays", { date: "", name: "" })}
        >
          Add a holiday
        </Button>
      </div>
    </Stack>
  );
}
