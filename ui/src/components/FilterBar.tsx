import { Button, Select, TextInput, type ComboboxData } from "@mantine/core";
import { useDebouncedCallback, useDisclosure } from "@mantine/hooks";
import { IconFilter, IconX } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import type { Filters } from "./filters";
import classes from "./FilterBar.module.css";

/** The filters of a list in a row; on a phone behind a button. */
export function FilterBar({ filters, children, end }: { filters: Filters; children: ReactNode; end?: ReactNode }) {
  const [opened, { toggle }] = useDisclosure();
  return (
    <div className={classes.bar} role="search" aria-label="Filters" data-opened={opened || undefined}>
      <Button
        className={classes.toggle}
        size="sm"
        variant="default"
        leftSection={<IconFilter size={15} />}
        onClick={toggle}
        aria-expanded={opened}
      >
        Filters{filters.active > 0 ? ` (${filters.active})` : ""}
      </Button>
      <div className={classes.fields}>{children}</div>
      {filters.active > 0 && (
        <Button size="sm" variant="subtle" color="gray" leftSection={<IconX size={14} />} onClick={filters.clear}>
          Clear
        </Button>
      )}
      <div className={classes.end}>{end}</div>
    </div>
  );
}

/** A filter that is one of several. */
export function ChoiceFilter({
  filters,
  name,
  label,
  data,
  width = 150,
}: {
  filters: Filters;
  name: string;
  label: string;
  data: ComboboxData;
  width?: number;
}) {
  return (
    <Select
      className={classes.field}
      w={width}
      aria-label={label}
      placeholder={label}
      data={data}
      value={filters.get(name)}
      clearable
      searchable={data.length > 8}
      data-set={filters.get(name) !== null || undefined}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      maxDropdownHeight={360}
      onChange={(value) => filters.set({ [name]: value })}
    />
  );
}

interface TextProps {
  filters: Filters;
  name: string;
  label: string;
  width?: number;
  /** Removes what the filter cannot take. */
  clean?: (text: string) => string;
}

/** A filter that is typed. It is applied when the typing pauses. */
export function TextFilter({ filters, name, label, width = 120, clean = (t) => t.slice(0, 128) }: TextProps) {
  const value = filters.get(name) ?? "";
  const [text, setText] = useState(value);
  const apply = useDebouncedCallback((t: string) => filters.set({ [name]: t.trim() || null }), 350);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    // The address changed from elsewhere: Back, Clear, a link.
    setSeen(value);
    setText(value);
  }
  return (
    <TextInput
      className={classes.field}
      w={width}
      aria-label={label}
      placeholder={label}
      value={text}
      data-set={value !== "" || undefined}
      onChange={(event) => {
        const next = clean(event.currentTarget.value);
        setText(next);
        apply(next);
      }}
    />
  );
}
