import { Checkbox, Group, Input, Select, type SelectProps } from "@mantine/core";
import { useId } from "@mantine/hooks";
import { zone as ownZone } from "@/format/time";
import { weekdays } from "@/format/week";
import { purposes, type Purpose } from "./purposes";
import classes from "./WeekFields.module.css";

interface DaysProps {
  label: string;
  /** The label is for those who do not see the page. */
  quiet?: boolean;
  value: number[];
  onChange: (days: number[]) => void;
  error?: React.ReactNode;
}

/** Weekdays, each of which is on or off. */
export function DaysField({ label, quiet, value, onChange, error }: DaysProps) {
  const id = useId();
  const toggle = (day: number) =>
    onChange(value.includes(day) ? value.filter((d) => d !== day) : [...value, day].toSorted((a, b) => a - b));
  return (
    <Input.Wrapper
      label={quiet ? undefined : label}
      labelElement="div"
      labelProps={{ id }}
      error={error}
      style={{ minWidth: 0 }}
    >
      <div className={classes.days} role="group" aria-label={label}>
        {weekdays.map(({ day, name }) => (
          <label key={day} className={classes.day}>
            <input type="checkbox" checked={value.includes(day)} onChange={() => toggle(day)} />
            <span>{name}</span>
          </label>
        ))}
      </div>
    </Input.Wrapper>
  );
}

interface PurposesProps {
  label: string;
  description?: string;
  value: Purpose[];
  onChange: (purposes: Purpose[]) => void;
  error?: React.ReactNode;
}

/** Some of the three purposes. */
export function PurposesField({ label, description, value, onChange, error }: PurposesProps) {
  return (
    <Checkbox.Group
      label={label}
      description={description}
      value={value}
      error={error}
      onChange={(next) => onChange(purposes.map((p) => p.value).filter((p) => next.includes(p)))}
    >
      <Group gap="lg" mt={6}>
        {purposes.map((p) => (
          <Checkbox key={p.value} size="sm" value={p.value} label={p.label} />
        ))}
      </Group>
    </Checkbox.Group>
  );
}

/** One time zone of those that the browser knows; the operator's own comes first. */
export function ZoneField({ value, ...props }: Omit<SelectProps, "data"> & { value: string }) {
  const known = [...new Set([ownZone, "Asia/Kolkata", value, "UTC", ...Intl.supportedValuesOf("timeZone")])];
  return <Select searchable limit={60} data={known.filter((z) => z !== "")} value={value} {...props} />;
}
