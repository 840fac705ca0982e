import { Button, Group, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { ask } from "@/api/ask";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMe } from "@/app/session";
import { DataTable, type Column } from "@/components/DataTable";
import { Empty } from "@/components/Page";
import { SecretOnce } from "@/components/SecretOnce";
import { StatusBadge } from "@/components/Status";
import { RelativeTime } from "@/components/Time";
import { UserMenu } from "./UserMenu";

type User = Schema<"User">;
type Role = Schema<"Role">;

/** Roles with what they may do. */
export const roles: { value: Role; label: string }[] = [
  { value: "viewer", label: "Viewer — reads, numbers masked" },
  { value: "operator", label: "Operator — calls, deliveries, trunks" },
  { value: "admin", label: "Admin — settings, users, keys" },
];

const validName = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/** The people who may log in. */
export function Users() {
  const me = useMe();
  const users = useQuery({ ...ask("/api/admin/users"), select: (answer) => answer.users });
  const [shown, setShown] = useState<Schema<"UserWithPassword"> | null>(null);
  const columns: Column<User>[] = [
    {
      name: "Name",
      cell: (u) => (
        <b style={{ fontWeight: 550 }}>
          {u.name}
          {u.user_id === me.user.user_id ? " (you)" : ""}
        </b>
      ),
    },
    { name: "Role", cell: (u) => u.role, width: "100px" },
    {
      name: "State",
      cell: (u) =>
        u.disabled ? (
          <StatusBadge state="disabled" />
        ) : u.must_change_password ? (
          <StatusBadge state="idle" word="One-time password" />
        ) : (
          <StatusBadge state="ok" word="Active" quiet />
        ),
      width: "180px",
    },
    {
      name: "Last login",
      cell: (u) => (u.last_login_at ? <RelativeTime at={u.last_login_at} /> : "never"),
      from: "tablet",
      width: "150px",
    },
    { name: "Added", cell: (u) => <RelativeTime at={u.created_at} short />, from: "desktop", width: "150px" },
  ];
  return (
    <>
      {shown && (
        <SecretOnce title={`One-time password of ${shown.user.name}`} secret={shown.one_time_password}>
          Hand it over safely; it must be changed at the first login.
        </SecretOnce>
      )}
      <NewUser onMade={setShown} />
      <DataTable
        label="Users"
        columns={columns}
        rows={users.data}
        keyOf={(u) => u.user_id}
        error={users.error}
        retry={() => void users.refetch()}
        skeletons={3}
        actions={(u) => <UserMenu user={u} self={u.user_id === me.user.user_id} onPassword={setShown} />}
        empty={<Empty title="No users">The list could not be read whole: load the page again.</Empty>}
      />
    </>
  );
}

function NewUser({ onMade }: { onMade: (made: Schema<"UserWithPassword">) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const add = useAction({
    run: () => read(api.POST("/api/admin/users", { body: { name, role } })),
    touches: ["/api/admin/users", "/api/admin/audit"],
    onDone: (made) => {
      onMade(made);
      setName("");
    },
  });
  const wrong = name !== "" && !validName.test(name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-start" gap="xs" mb="md">
        <TextInput
          aria-label="Name"
          placeholder="Name of a new user"
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          w={220}
          error={wrong ? "Lower-case letters, digits and . _ @ -" : undefined}
          autoComplete="off"
        />
        <Select
          aria-label="Role"
          data={roles}
          value={role}
          onChange={(v) => setRole((v as Role | null) ?? "operator")}
          w={340}
        />
        <Button type="submit" disabled={!validName.test(name)} loading={add.isPending}>
          Add user
        </Button>
      </Group>
    </form>
  );
}
