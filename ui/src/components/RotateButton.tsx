import { Button, Select, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRotate2 } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "./Confirm";

const overlaps = [
  { value: "3600", label: "1 hour" },
  { value: "86400", label: "1 day" },
  { value: "604800", label: "7 days" },
  { value: "2592000", label: "30 days" },
];

interface Props {
  /** Makes the new secret; the old ones sign for so many seconds more. Calls done when it is there. */
  onRotate: (overlapSeconds: number, done: () => void) => void;
  pending: boolean;
  error: Error | null;
  /** The old ones may be stopped at once. */
  atOnce?: boolean;
}

/** Makes a new signing secret beside the old ones, after a question. */
export function RotateButton({ onRotate, pending, error, atOnce }: Props) {
  const [opened, { open, close }] = useDisclosure();
  const [overlap, setOverlap] = useState("86400");
  return (
    <>
      <Button variant="default" leftSection={<IconRotate2 size={16} />} onClick={open}>
        Rotate
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title="Make a new signing secret?"
        verb="Make a new one"
        keep="Keep the old ones"
        onConfirm={() => onRotate(Number(overlap), close)}
        pending={pending}
        error={error}
        harmless
      >
        It signs at once, beside the old ones. It is shown this once; change the receiver to it before the old ones
        stop.
        <Select
          mt="md"
          label="The old ones go on to sign for"
          data={atOnce ? [{ value: "0", label: "None: they stop now" }, ...overlaps] : overlaps}
          value={overlap}
          onChange={(v) => v && setOverlap(v)}
          allowDeselect={false}
        />
        {overlap === "0" && (
          <Text size="sm" c="red" mt="xs">
            Until the receiver has the new one, it will refuse every webhook. They are tried again on their schedule.
          </Text>
        )}
      </Confirm>
    </>
  );
}
