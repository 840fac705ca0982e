import { Anchor, Button, Group, Input, PasswordInput } from "@mantine/core";
import { useId } from "@mantine/hooks";
import classes from "./SecretField.module.css";

interface Props {
  label: string;
  description?: string;
  /** What the server tells of the stored one. */
  stored: { set: boolean; last_four: string };
  /** The new one while it is typed; undefined keeps the stored one. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: React.ReactNode;
  readOnly?: boolean;
}

/** A secret: it can be replaced and never read. The stored one is told by its last four characters. */
export function SecretField({ label, description, stored, value, onChange, error, readOnly }: Props) {
  const id = useId();
  if (value === undefined && stored.set) {
    return (
      <Input.Wrapper label={label} description={description} error={error} labelProps={{ htmlFor: undefined }} id={id}>
        <Group gap="sm" wrap="nowrap" className={classes.stored}>
          <code aria-label={stored.last_four ? `ends in ${stored.last_four}` : "set"}>••••••••{stored.last_four}</code>
          {!readOnly && (
            <Button size="compact-xs" variant="default" onClick={() => onChange("")}>
              Replace
            </Button>
          )}
        </Group>
      </Input.Wrapper>
    );
  }
  return (
    <PasswordInput
      label={label}
      description={description}
      error={error}
      disabled={readOnly}
      autoComplete="off"
      autoFocus={stored.set}
      value={value ?? ""}
      onChange={(e) => onChange(e.currentTarget.value)}
      inputWrapperOrder={["label", "description", "input", "error"]}
      rightSectionWidth={stored.set ? 96 : undefined}
      rightSection={
        stored.set ? (
          <Anchor component="button" type="button" size="xs" onClick={() => onChange(undefined)}>
            Keep old one
          </Anchor>
        ) : undefined
      }
    />
  );
}
