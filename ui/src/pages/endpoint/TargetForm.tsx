import { Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { fieldErrors } from "@/components/fields";
import { FormFrame } from "@/components/FormFrame";
import { SecretField } from "@/components/SecretField";
import { isElsewhere, parseHeaders } from "./request";
import { CertificatesFields, HeadersField, type Certificates } from "./RequestFields";

interface Values {
  url: string;
  /** The new key while it is typed; undefined keeps the stored one. */
  api_key: string | undefined;
  /** As typed, one on each line; undefined keeps the stored ones. */
  headers: string | undefined;
  tls: Certificates | undefined;
}

const again = "Type it again: what is stored does not go to another host";

/** Where webhooks go, and what is sent with them. */
export function TargetForm({
  endpoint: e,
  onChanged,
  onCancel,
}: {
  endpoint: Schema<"Endpoint">;
  onChanged: () => void;
  onCancel: () => void;
}) {
  const form = useForm<Values>({
    initialValues: { url: e.url, api_key: undefined, headers: undefined, tls: undefined },
    validateInputOnChange: true,
    validate: {
      url: (v) => checkURL(v, e.url),
      api_key: (v, { url }) => (v === undefined && e.api_key.set && isElsewhere(url, e.url) ? again : null),
      headers: (v, { url }) => checkHeaders(v, e.header_names.length > 0 && isElsewhere(url, e.url)),
    },
  });
  const save = useAction({
    run: ({ url, api_key, headers, tls }: Values) =>
      read(
        api.PATCH("/api/admin/endpoints/{endpoint_id}", {
          params: { path: { endpoint_id: e.endpoint_id } },
          body: {
            url: url.trim() === e.url ? undefined : url.trim(),
            api_key,
            headers: headers === undefined ? undefined : (parseHeaders(headers) as Record<string, string>),
            tls,
          },
        }),
      ),
    touches: ["/api/admin/endpoints", "/api/admin/audit"],
    done: "Saved. The next attempt goes there.",
    quiet: true,
    onDone: () => {
      form.resetDirty();
      onChanged();
    },
  });
  const said = fieldErrors(save.error);
  const saidOfHeaders = Object.entries(said).find(([name]) => name.split(".")[0] === "headers")?.[1];
  const elsewhere = isElsewhere(form.values.url, e.url);
  const keyError = elsewhere && e.api_key.set && form.values.api_key === undefined ? again : said.api_key;
  const headersError = checkHeaders(form.values.headers, elsewhere && e.header_names.length > 0) ?? saidOfHeaders;
  return (
    <FormFrame
      dirty={form.isDirty()}
      saving={save.isPending}
      error={save.error && Object.keys(said).length === 0 ? save.error : null}
      onReset={form.reset}
      onCancel={onCancel}
      onSubmit={form.onSubmit((values) => save.mutate(values))}
    >
      <Stack gap="md" maw={560}>
        <TextInput
          label="URL"
          autoComplete="off"
          maxLength={2048}
          {...form.getInputProps("url")}
          error={form.errors.url ?? said.url}
        />
        <SecretField
          label="X-api-key"
          description="What we send, so that the receiver knows us."
          stored={e.api_key}
          value={form.values.api_key}
          onChange={(v) => form.setFieldValue("api_key", v)}
          error={keyError}
        />
        <HeadersField
          names={e.header_names}
          value={form.values.headers}
          onChange={(v) => form.setFieldValue("headers", v)}
          error={headersError}
        />
        <CertificatesFields
          endpoint={e}
          value={form.values.tls}
          onChange={(v) => form.setFieldValue("tls", v)}
          said={said}
        />
      </Stack>
    </FormFrame>
  );
}

function checkHeaders(text: string | undefined, needed: boolean): string | null {
  if (text === undefined) return needed ? again : null;
  const headers = parseHeaders(text);
  return typeof headers === "string" ? headers : null;
}

/** Checks the shape of a webhook URL. The stored one is shown without its secrets, so a change has to name them again. */
export function checkURL(url: string, stored = ""): string | null {
  const text = url.trim();
  if (text === stored) return null;
  if (text.includes("[redacted]")) return "Write what [redacted] stands for: it was hidden here";
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    return "A URL such as https://crm.example.com/hooks/calls";
  return null;
}
