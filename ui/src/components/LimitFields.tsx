import { Group, NumberInput } from "@mantine/core";
import type { ReactNode } from "react";
import type { Schema } from "@/api/client";

/** How many calls at once and in a second. */
type Limits = Pick<Schema<"CallLimits">, "max_concurrent_calls" | "max_calls_per_second">;

const fields: { name: keyof Limits; label: string; description: string }[] = [
  {
    name: "max_concurrent_calls",
    label: "Calls at once",
    description: "Lines, from the INVITE to the outcome.",
  },
  { name: "max_calls_per_second", label: "New calls a second", description: "INVITEs in any second." },
];

interface Props {
  value: Limits;
  onChange: (limits: Limits) => void;
  errorOf: (name: keyof Limits) => ReactNode;
}

/** How many calls a trunk or the installation takes. Empty is no limit, which the API writes as 0. */
export function LimitFields({ value, onChange, errorOf }: Props) {
  return (
    <Group grow align="flex-start">
      {fields.map((f) => (
        <NumberInput
          key={f.name}
          label={f.label}
          description={f.description}
          placeholder="No limit"
          min={0}
          max={100_000}
          allowDecimal={false}
          value={value[f.name] || ""}
          onChange={(typed) => onChange({ ...value, [f.name]: Number(typed) })}
          error={errorOf(f.name)}
        />
      ))}
    </Group>
  );
}
