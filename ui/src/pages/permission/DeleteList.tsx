import { ActionIcon, Tooltip } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";
import { count } from "@/format/text";
import { formatNumber } from "@/format/locale";

/** Deletes a list with its numbers, after asking. A long list takes several requests. */
export function DeleteList({ list }: { list: Schema<"DoNotCallList"> }) {
  const [opened, { open, close }] = useDisclosure();
  const [gone, setGone] = useState(0);
  const remove = useAction({
    run: async () => {
      for (let sum = 0; ;) {
        const part = await read(
          api.DELETE("/api/admin/do-not-call/{list_id}", { params: { path: { list_id: list.list_id } } }),
        );
        setGone((sum += part.deleted));
        if (!part.left) return sum;
      }
    },
    touches: ["/api/admin/do-not-call", "/api/admin/dial-preview"],
    done: (deleted) => `List ${list.name} deleted with ${count(deleted, "number")}.`,
    quiet: true,
    onDone: close,
  });
  return (
    <>
      <Tooltip label="Delete">
        <ActionIcon aria-label={`Delete ${list.name}`} onClick={open}>
          <IconTrash size={16} />
        </ActionIcon>
      </Tooltip>
      <Confirm
        opened={opened}
        close={close}
        title={`Delete the list ${list.name}?`}
        verb="Delete"
        onConfirm={() => remove.mutate(undefined)}
        pending={remove.isPending}
        error={remove.error}
      >
        {count(list.numbers, "number")} may be called again at once, unless another list has them. The numbers cannot be
        read back: only a new import brings them.
        {remove.isPending && gone > 0 && ` ${formatNumber(gone)} deleted.`}
      </Confirm>
    </>
  );
}
