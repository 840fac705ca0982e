import { Alert, Text } from "@mantine/core";
import { Code } from "./Code";

/** A secret on the one occasion that it is shown. */
export function SecretOnce({ title, secret, children }: { title: string; secret: string; children: React.ReactNode }) {
  return (
    <Alert color="indigo" title={title} mb="lg" role="status">
      <Text size="sm" mb="sm">
        {children} It is not shown again.
      </Text>
      <Code text={secret} title="Copy it now" />
    </Alert>
  );
}
