import { Button, Popover, Stack } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import "@mantine/dates/styles.css";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import type { Filters } from "./filters";
import classes from "./TimeRange.module.css";
import { localDay, presets, rangeLabel } from "./timeRanges";

/** Chooses since and until in the operator's zone: a preset or days of the calendar. unset is what it says while neither is chosen. */
export function TimeRange({ filters, anyTime = true, unset }: { filters: Filters; anyTime?: boolean; unset?: string }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [days, setDays] = useState<[string | null, string | null]>([null, null]);
  const since = filters.get("since");
  const until = filters.get("until");
  const label = unset && !since && !until ? unset : rangeLabel(since, until);
  const choose = (range: { since: string | null; until: string | null }) => {
    filters.set(range);
    close();
  };
  const onDays = (next: [string | null, string | null]) => {
    setDays(next);
    const [first, last] = next;
    if (first && last) choose({ since: localDay(first, 0), until: localDay(last, 1) });
  };
  return (
    <Popover opened={opened} onChange={(on) => !on && close()} position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          classNames={{ root: classes.button, label: classes.label }}
          data-set={since !== null || until !== null || undefined}
          leftSection={<IconCalendar size={15} />}
          onClick={toggle}
          aria-label={`Time: ${label}`}
        >
          {label}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown}>
        <Stack gap={2}>
          {anyTime && (
            <Button
              size="xs"
              variant="subtle"
              color="gray"
              justify="start"
              onClick={() => choose({ since: null, until: null })}
            >
              Any time
            </Button>
          )}
          {presets.map((p) => (
            <Button
              key={p.name}
              size="xs"
              variant="subtle"
              color="gray"
              justify="start"
              onClick={() => choose(p.range(new Date()))}
            >
              {p.name}
            </Button>
          ))}
        </Stack>
        <DatePicker type="range" allowSingleDateInRange value={days} onChange={onDays} maxDate={new Date()} size="xs" />
      </Popover.Dropdown>
    </Popover>
  );
}
