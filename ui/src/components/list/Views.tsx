import { ActionIcon, Button, Group, Popover, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmarkPlus, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import tabs from "./Tabs.module.css";
import { paramsOf, savedViews, saveViews, shows, viewOf, type View } from "./views";

interface Props {
  /** Under which the list's views are kept. */
  list: string;
  ready: View[];
  /** The filters that a view has. */
  names: readonly string[];
}

/** A list's views over it: those that everybody has, and those that somebody saved in this browser. */
export function Views({ list, ready, names }: Props) {
  const [params] = useSearchParams();
  const [saved, setSaved] = useState(() => savedViews(list));
  const [now] = useState(() => new Date());
  const all = [...ready, ...saved];
  const chosen = all.find((v) => shows(v, params, names, now));
  const keep = (views: View[]) => setSaved(saveViews(list, views));
  return (
    <nav className={tabs.tabs} aria-label="Views">
      {all.map((v) => (
        <span key={v.name} className={tabs.tab} data-chosen={v === chosen || undefined}>
          <Link
            to={{ search: paramsOf(v, now).toString() }}
            replace
            preventScrollReset
            aria-current={v === chosen ? "page" : undefined}
          >
            {v.name}
          </Link>
          {saved.includes(v) && (
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={`Forget the view ${v.name}`}
              onClick={() => keep(saved.filter((w) => w !== v))}
            >
              <IconX size={12} />
            </ActionIcon>
          )}
        </span>
      ))}
      {!chosen && <Save onSave={(name) => keep([...saved, viewOf(name, params, names, now)])} />}
    </nav>
  );
}

function Save({ onSave }: { onSave: (name: string) => void }) {
  const [opened, { toggle, close }] = useDisclosure();
  const [name, setName] = useState("");
  const named = name.trim();
  return (
    <Popover opened={opened} onChange={close} position="bottom-start" trapFocus>
      <Popover.Target>
        <Button size="compact-sm" variant="subtle" leftSection={<IconBookmarkPlus size={15} />} onClick={toggle}>
          Save view
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (!named) return;
            onSave(named);
            close();
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label="Name of the view"
              maxLength={40}
              data-autofocus
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Button type="submit" disabled={!named}>
              Save
            </Button>
          </Group>
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
