import { ActionIcon } from "@mantine/core";
import { IconUserCircle } from "@tabler/icons-react";
import { lazy, Suspense } from "react";

const AccountMenu = lazy(async () => ({ default: (await import("./AccountMenu")).AccountMenu }));

/** The account's button. Its menu comes after the first view; until then its picture stands there. */
export function Account({ showKeys }: { showKeys: () => void }) {
  return (
    <Suspense
      fallback={
        <ActionIcon component="span" size="lg" aria-hidden="true">
          <IconUserCircle size={21} stroke={1.6} />
        </ActionIcon>
      }
    >
      <AccountMenu showKeys={showKeys} />
    </Suspense>
  );
}
