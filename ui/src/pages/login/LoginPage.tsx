import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, Navigate, useSearchParams } from "react-router";
import { api, read } from "@/api/client";
import { meKey } from "@/api/queries";
import { meQuery } from "@/app/session";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Gate } from "./Gate";

/** Only paths of our own: a link that somebody sent must not lead elsewhere after the login. */
function safeNext(next: string | null): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

/** Where a session begins. */
export function LoginPage() {
  useDocumentTitle("Log in · Click2Call");
  const [params] = useSearchParams();
  const client = useQueryClient();
  const me = useQuery(meQuery);
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const logIn = useMutation({
    mutationFn: () => read(api.POST("/api/admin/login", { body: { name, password } })),
    onSuccess: (data) => {
      client.clear();
      client.setQueryData(meKey, data);
    },
    onError: () => setPassword(""),
  });
  if (me.data) return <Navigate to={safeNext(params.get("next"))} replace />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn.mutate();
  };
  return (
    <Gate title="Log in to Click2Call">
      <form onSubmit={submit}>
        <Stack gap="md">
          {logIn.isError && <ProblemAlert error={logIn.error} />}
          <TextInput
            label="Name"
            name="username"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={name}
            onChange={(e) => setName(e.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(e) => setPassword(e.currentTarget.value)}
          />
          <Button type="submit" loading={logIn.isPending} disabled={!name || !password}>
            Log in
          </Button>
        </Stack>
      </form>
      <Text size="xs" c="dimmed" mt="lg">
        First start? The name is <b>admin</b>; the one-time password is in the server's log. CRM developers need no
        login: see the <Link to="/integration">integration guide</Link>.
      </Text>
    </Gate>
  );
}
