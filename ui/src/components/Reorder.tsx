import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { moved } from "./order";

interface Props {
  id: string;
  /** What it is called: "Mumbai". */
  name: string;
  /** All ids, in their order. */
  all: string[];
  order: (ids: string[]) => void;
  pending: boolean;
}

/** Moves one of a list up or down. */
export function Reorder({ id, name, all, order, pending }: Props) {
  const at = all.indexOf(id);
  return (
    <Group gap={2} wrap="nowrap">
      <Tooltip label="Up">
        <ActionIcon
          aria-label={`Move ${name} up`}
          disabled={at <= 0 || pending}
          onClick={() => order(moved(all, id, -1))}
        >
          <IconArrowUp size={16} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Down">
        <ActionIcon
          aria-label={`Move ${name} down`}
          disabled={at === all.length - 1 || pending}
          onClick={() => order(moved(all, id, 1))}
        >
          <IconArrowDown size={16} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
