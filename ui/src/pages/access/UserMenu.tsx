import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDots } from "@tabler/icons-react";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { Confirm } from "@/components/Confirm";
import { roles } from "./Users";

interface Props {
  user: Schema<"User">;
  self: boolean;
  onPassword: (made: Schema<"UserWithPassword">) => void;
}

/** What can be done with a user. The server keeps the last admin from being lost. */
export function UserMenu({ user, self, onPassword }: Props) {
  const [asking, { open, close }] = useDisclosure();
  const path = { params: { path: { user_id: user.user_id } } };
  const touches = ["/api/admin/users", "/api/admin/audit", "/api/admin/me"] as const;
  const change = useAction({
    run: (body: Schema<"UserChange">) => read(api.PATCH("/api/admin/users/{user_id}", { ...path, body })),
    touches,
    done: (u) => `${u.name} is ${u.disabled ? "disabled; all sessions ended" : `${u.role} now`}.`,
  });
  const reset = useAction({
    run: () => read(api.POST("/api/admin/users/{user_id}/password", path)),
    touches,
    onDone: onPassword,
  });
  const remove = useAction({
    run: () => api.DELETE("/api/admin/users/{user_id}", path),
    touches,
    done: `${user.name} is removed. The audit log keeps the name.`,
    quiet: true,
    onDone: close,
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon aria-label={`Actions for ${user.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {roles
            .filter((r) => r.value !== user.role)
            .map((r) => (
              <Menu.Item key={r.value} onClick={() => change.mutate({ role: r.value })}>
                Make {r.value}
              </Menu.Item>
            ))}
          <Menu.Divider />
          <Menu.Item onClick={() => reset.mutate(undefined)}>New one-time password</Menu.Item>
          <Menu.Item onClick={() => change.mutate({ disabled: !user.disabled })} disabled={self}>
            {user.disabled ? "Enable" : "Disable"}
          </Menu.Item>
          <Menu.Item color="red" onClick={open} disabled={self}>
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        close={close}
        title={`Remove the user ${user.name}?`}
        verb="Remove"
        keep="Keep"
        onConfirm={() => remove.mutate(undefined)}
        pending={remove.isPending}
        error={remove.error}
      >
        All sessions of {user.name} end at once. The audit log keeps the name.
      </Confirm>
    </>
  );
}
