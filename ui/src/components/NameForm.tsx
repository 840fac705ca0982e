import { Button, Group, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";

interface Props {
  label: string;
  placeholder: string;
  /** The verb of the button. */
  verb: string;
  /** Told the name when the button is pressed; calls done when the thing is made, for the next name. */
  onSubmit: (name: string, done: () => void) => void;
  pending: boolean;
  quiet?: boolean;
  /** Fields between the name and the button. */
  children?: ReactNode;
}

/** Makes something that has a name, in one line. */
export function NameForm({ label, placeholder, verb, onSubmit, pending, quiet, children }: Props) {
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(name.trim(), () => setName(""));
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" mb="md">
        <TextInput
          aria-label={label}
          placeholder={placeholder}
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          maxLength={64}
          w={260}
          autoComplete="off"
        />
        {children}
        <Button type="submit" variant={quiet ? "default" : "filled"} disabled={name.trim() === ""} loading={pending}>
          {verb}
        </Button>
      </Group>
    </form>
  );
}
