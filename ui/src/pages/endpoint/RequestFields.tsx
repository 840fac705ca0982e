import { Anchor, Button, Group, Input, Stack, Textarea } from "@mantine/core";
import type { Schema } from "@/api/client";

export type Certificates = Schema<"EndpointTLSChange">;
const none: Certificates = { client_certificate: "", client_key: "", ca: "" };

interface StoredProps {
  label: string;
  stored: string;
  error?: React.ReactNode;
  onReplace: () => void;
}

function Stored({ label, stored, error, onReplace }: StoredProps) {
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Group gap="sm">
        <code>{stored}</code>
        <Button size="compact-xs" variant="default" aria-label={`Replace: ${label}`} onClick={onReplace}>
          Replace
        </Button>
      </Group>
    </Input.Wrapper>
  );
}

interface HeadersProps {
  names: string[];
  /** The new ones while they are typed; undefined keeps the stored ones. */
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  error?: React.ReactNode;
}

/** The endpoint's custom headers: they can be replaced and never read. */
export function HeadersField({ names, value, onChange, error }: HeadersProps) {
  if (value === undefined && names.length > 0)
    return <Stored label="Custom headers" stored={names.join(", ")} error={error} onReplace={() => onChange("")} />;
  return (
    <>
      <Textarea
        label="Custom headers"
        description="Sent with every webhook. One on each line, such as X-Tenant: 42. Their values are not shown again."
        autosize
        minRows={2}
        maxRows={8}
        autoComplete="off"
        spellCheck={false}
        autoFocus={names.length > 0}
        value={value ?? ""}
        error={error}
        onChange={(e) =>
          onChange(e.currentTarget.value === "" && names.length === 0 ? undefined : e.currentTarget.value)
        }
      />
      {names.length > 0 && <Keep what="Keep the old headers" onClick={() => onChange(undefined)} />}
    </>
  );
}

interface CertificatesProps {
  endpoint: Schema<"Endpoint">;
  value: Certificates | undefined;
  onChange: (value: Certificates | undefined) => void;
  /** The server's word on each field. */
  said: Record<string, string>;
}

/** What the connection needs beyond public certificates. All three are replaced together. */
export function CertificatesFields({ endpoint: e, value, onChange, said }: CertificatesProps) {
  const stored = [e.client_certificate && "a client certificate", e.custom_ca && "a custom CA"]
    .filter(Boolean)
    .join(" and ");
  const replacing = value !== undefined || stored === "";
  const field = (name: keyof Certificates, label: string, description: string) => (
    <Textarea
      label={label}
      description={description}
      placeholder="-----BEGIN …"
      autosize
      minRows={2}
      maxRows={6}
      maxLength={65536}
      autoComplete="off"
      spellCheck={false}
      value={value?.[name] ?? ""}
      error={said[`tls.${name}`]}
      onChange={(event) => onChange({ ...none, ...value, [name]: event.currentTarget.value })}
    />
  );
  return (
    <details open={value !== undefined || Object.keys(said).some((name) => name.startsWith("tls")) || undefined}>
      <summary>Certificates</summary>
      <Stack gap="md" mt="sm">
        {!replacing && <Stored label="Stored" stored={stored} onReplace={() => onChange(none)} />}
        {replacing &&
          field(
            "client_certificate",
            "Client certificate",
            "Shown to the receiver, with its chain, in PEM. Empty: none.",
          )}
        {replacing &&
          field("client_key", "Key of the client certificate", "In PEM, without a passphrase. It is not shown again.")}
        {replacing &&
          field(
            "ca",
            "Custom CA",
            "What the receiver's certificate is checked against, in PEM. Empty: public authorities.",
          )}
        {value !== undefined && stored !== "" && (
          <Keep what="Keep the old certificates" onClick={() => onChange(undefined)} />
        )}
      </Stack>
    </details>
  );
}

function Keep({ what, onClick }: { what: string; onClick: () => void }) {
  return (
    <Group>
      <Anchor component="button" type="button" size="xs" onClick={onClick}>
        {what}
      </Anchor>
    </Group>
  );
}
