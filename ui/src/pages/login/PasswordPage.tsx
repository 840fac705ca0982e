import { Anchor, Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link, useNavigate } from "react-router";
import { api, read } from "@/api/client";
import { meKey } from "@/api/queries";
import { useLogOut, useMe } from "@/app/session";
import { ProblemAlert } from "@/components/ProblemAlert";
import { Gate } from "./Gate";

const shortest = 10;

/** Changes one's own password; on the first login nothing else is possible before. */
export function PasswordPage() {
  useDocumentTitle("Change password · Click2Call");
  const { user } = useMe();
  const navigate = useNavigate();
  const client = useQueryClient();
  const logOut = useLogOut();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () =>
      read(api.POST("/api/admin/me/password", { body: { current_password: current, new_password: next } })),
    onSuccess: (me) => {
      client.setQueryData(meKey, me);
      notifications.show({ message: "Password changed. Your other sessions have ended." });
      void navigate("/", { replace: true });
    },
  });
  const tooShort = next.length > 0 && next.length < shortest;
  const same = next.length >= shortest && next === current;
  const differs = again.length > 0 && !next.startsWith(again) && again !== next;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Gate title={user.must_change_password ? "Choose your password" : "Change password"}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {user.must_change_password && (
            <Text size="sm" c="dimmed">
              You logged in with a one-time password. Choose one of your own to go on.
            </Text>
          )}
          {change.isError && <ProblemAlert error={change.error} />}
          <input type="hidden" name="username" autoComplete="username" value={user.name} readOnly />
          <PasswordInput
            label={user.must_change_password ? "One-time password" : "Current password"}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={current}
            onChange={(e) => setCurrent(e.currentTarget.value)}
          />
          <PasswordInput
            label="New password"
            description={`At least ${shortest} characters.`}
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={next}
            onChange={(e) => setNext(e.currentTarget.value)}
            error={tooShort ? `${shortest - next.length} more` : same ? "That is the current one." : undefined}
          />
          <PasswordInput
            label="New password again"
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={again}
            onChange={(e) => setAgain(e.currentTarget.value)}
            error={differs ? "The two differ." : undefined}
          />
          <Group justify="space-between">
            {user.must_change_password ? (
              <Anchor component="button" type="button" size="sm" onClick={() => void logOut()}>
                Log out
              </Anchor>
            ) : (
              <Anchor component={Link} to="/" size="sm">
                Back
              </Anchor>
            )}
            <Button
              type="submit"
              loading={change.isPending}
              disabled={next.length < shortest || same || again !== next || !current}
            >
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Gate>
  );
}
