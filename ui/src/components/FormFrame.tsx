import { Button, Group, Text } from "@mantine/core";
import { useEffect, type FormEvent, type KeyboardEvent, type ReactNode } from "react";
import { useBlocker } from "react-router";
import { Confirm } from "./Confirm";
import classes from "./FormFrame.module.css";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  children: ReactNode;
  onSubmit: (event?: FormEvent<HTMLFormElement>) => void;
  onReset: () => void;
  dirty: boolean;
  saving: boolean;
  error?: Error | null;
  save?: string;
  /** Leaves the form without saving: it stands where something else was before. */
  onCancel?: () => void;
  /** Nothing can be changed by this person. */
  readOnly?: boolean;
}

/** Takes people to the first field that is wrong, which may be far from the button. */
function showFirstError(form: HTMLFormElement) {
  const wrong = form.querySelector<HTMLElement>("[aria-invalid=true]");
  wrong?.focus({ preventScroll: true });
  wrong?.scrollIntoView({ block: "center" });
}

/** A form that saves with Ctrl or Cmd and Enter, shows what is wrong, and asks before it loses changes. */
export function FormFrame({
  children,
  onSubmit,
  onReset,
  dirty,
  saving,
  error,
  save = "Save",
  onCancel,
  readOnly,
}: Props) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => dirty && !saving && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (!dirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dirty]);
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (dirty && !saving) event.currentTarget.requestSubmit();
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    const form = event.currentTarget;
    if (!dirty || saving) {
      event.preventDefault(); // a new version and a line in the audit log for nothing
      return;
    }
    onSubmit(event);
    requestAnimationFrame(() => showFirstError(form)); // the errors are on the page by then
  };
  return (
    <form onSubmit={submit} onKeyDown={onKeyDown} noValidate>
      <fieldset className={classes.fields} disabled={readOnly}>
        {children}
      </fieldset>
      {error && <ProblemAlert error={error} mt="md" />}
      {!readOnly && (
        <Group className={classes.bar} data-dirty={dirty || undefined} gap="xs">
          <Button type="submit" loading={saving} disabled={!dirty}>
            {save}
          </Button>
          {onCancel ? (
            <Button variant="subtle" color="gray" onClick={onCancel} disabled={saving}>
              Cancel
            </Button>
          ) : (
            <Button variant="subtle" color="gray" onClick={onReset} disabled={!dirty || saving}>
              Undo changes
            </Button>
          )}
          {dirty && (
            <Text size="xs" c="dimmed" ml="auto" visibleFrom="sm">
              Ctrl Enter saves
            </Text>
          )}
        </Group>
      )}
      <Confirm
        opened={blocker.state === "blocked"}
        close={() => blocker.reset?.()}
        title="Leave without saving?"
        verb="Leave"
        keep="Stay"
        onConfirm={() => blocker.proceed?.()}
      >
        What you changed on this page will be lost.
      </Confirm>
    </form>
  );
}
