import { Button, Group, Modal, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { ProblemAlert } from "./ProblemAlert";

interface Props {
  opened: boolean;
  close: () => void;
  /** A question that names the thing: "Remove the trunk Mumbai?" */
  title: string;
  /** What it means for calls. */
  children: ReactNode;
  /** The verb of the button that does it. */
  verb: string;
  /** The verb of the one that leaves everything as it is. */
  keep?: string;
  onConfirm: () => void;
  pending?: boolean;
  error?: Error | null;
  /** Nothing is destroyed by it. */
  harmless?: boolean;
}

/** Asks before something is destroyed or spent. The error of a try stays in the dialog. */
export function Confirm(props: Props) {
  const { opened, close, title, children, verb, keep = "Keep it", onConfirm, pending, error, harmless } = props;
  return (
    <Modal opened={opened} onClose={close} title={title}>
      <Text size="sm" component="div">
        {children}
      </Text>
      {error && <ProblemAlert error={error} mt="md" />}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={close}>
          {keep}
        </Button>
        <Button color={harmless ? undefined : "red"} loading={pending} onClick={onConfirm}>
          {verb}
        </Button>
      </Group>
    </Modal>
  );
}
