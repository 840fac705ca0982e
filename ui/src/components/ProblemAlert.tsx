import { Alert, Button, Center, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { ProblemError } from "@/api/client";

/** Says what happened and what to do, in the server's own words. */
export function ProblemAlert({ error, retry, mt }: { error: Error; retry?: () => void; mt?: string }) {
  const problem = error instanceof ProblemError ? error.problem : null;
  return (
    <Alert
      color="red"
      mt={mt}
      role="alert"
      icon={<IconAlertTriangle size={18} />}
      title={problem?.title ?? "This page failed"}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">
          {problem?.detail ??
            `${error.message}. Load the page again; if it persists, tell whoever runs this installation.`}
        </Text>
        {problem?.errors?.map((e) => (
          <Text size="sm" key={e.field}>
            <b>{e.field}</b>: {e.message}
          </Text>
        ))}
        {retry && (
          <Button variant="default" size="xs" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** A problem that leaves nothing else to show. */
export function ProblemPage({ error, retry }: { error: Error; retry?: () => void }) {
  return (
    <Center mih="60vh" p="md">
      <Group maw={520} w="100%">
        <ProblemAlert error={error} retry={retry} />
      </Group>
    </Center>
  );
}
