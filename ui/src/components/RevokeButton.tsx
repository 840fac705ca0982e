import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { ReactNode } from "react";
import type { Touched } from "@/api/ask";
import { useAction } from "@/api/hooks";
import { Confirm } from "./Confirm";

interface Props {
  /** What is revoked, as in "Revoke the key Loans?": "the key Loans". */
  what: string;
  run: () => Promise<unknown>;
  touches: Touched[];
  /** What it means. */
  children: ReactNode;
}

/** Revokes something for good, after a question. */
export function RevokeButton({ what, run, touches, children }: Props) {
  const [opened, { open, close }] = useDisclosure();
  const revoke = useAction({
    run,
    touches,
    done: `${what.charAt(0).toUpperCase()}${what.slice(1)} is revoked.`,
    quiet: true,
    onDone: close,
  });
  return (
    <>
      <Button size="compact-sm" variant="light" color="red" onClick={open}>
        Revoke
      </Button>
      <Confirm
        opened={opened}
        close={close}
        title={`Revoke ${what}?`}
        verb="Revoke"
        onConfirm={() => revoke.mutate(undefined)}
        pending={revoke.isPending}
        error={revoke.error}
      >
        {children}
      </Confirm>
    </>
  );
}
