import { Skeleton } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import { api, ProblemError, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { useMay } from "@/app/session";
import { FormFrame } from "@/components/FormFrame";
import { Loaded } from "@/components/Loaded";
import { Page, Section, Sections } from "@/components/Page";
import { EndpointList } from "../endpoint/EndpointList";
import { AnswerDetection, CallKnobs } from "./CallKnobs";
import { DeliveryRules, Origins } from "./DeliveryRules";
import { History } from "./History";
import { Limits } from "./Limits";
import { LiveKitFields } from "./LiveKitFields";
import { checkValues, inputOf, valuesOf, type Values } from "./values";

/** What operators set. */
export function SettingsPage() {
  const settings = useQuery({
    ...ask("/api/admin/settings"),
    refetchOnWindowFocus: false,
  });
  return (
    <Page
      title="Settings"
      sentence="LiveKit + CRM credentials and call knobs. Saving validates LiveKit creds with a live API call."
      narrow
    >
      {/* A page of its own stands behind it: none of the settings' form, whose keys and Save are for the settings alone. */}
      <Sections>
        <Section
          id="webhook"
          title="CRM webhook"
          sentence="Where outcomes go: its signing secrets, its health, and a test for its receiver."
        >
          <EndpointList />
        </Section>
      </Sections>
      <Loaded query={settings} bones={<Skeleton height={480} />}>
        {(data) => <SettingsForm key={data.version} settings={data} />}
      </Loaded>
      <Section title="Change history" sentence="Who changed what, newest first. Secrets are named and never shown.">
        <History />
      </Section>
    </Page>
  );
}

function SettingsForm({ settings }: { settings: Schema<"Settings"> }) {
  const readOnly = !useMay("admin");
  const form = useForm<Values>({
    initialValues: valuesOf(settings),
    validate: checkValues,
    validateInputOnChange: true,
  });
  const save = useAction({
    run: (values: Values) => read(api.PUT("/api/admin/settings", { body: inputOf(values, settings.version) })),
    touches: ["/api/admin/settings", "/api/admin/settings/history", "/api/admin/overview", "/api/admin/trunks/livekit"],
    done: "Saved. New calls use it; calls under way keep what they began with.",
    quiet: true,
  });
  const failedCheck =
    save.error instanceof ProblemError && save.error.code === "livekit_check_failed" ? save.error.problem.detail : null;
  return (
    <FormFrame
      dirty={form.isDirty()}
      saving={save.isPending}
      error={failedCheck ? null : save.error}
      readOnly={readOnly}
      onReset={form.reset}
      onSubmit={form.onSubmit((values) => save.mutate(values))}
    >
      <>
        <Section title="LiveKit" sentence="The media server that carries the calls.">
          <LiveKitFields
            form={form}
            stored={settings.livekit.api_secret}
            readOnly={readOnly}
            failed={failedCheck}
            forgetFailure={save.reset}
          />
        </Section>
        <Section title="Answer detection" sentence="How our backend learns a call was answered or ended.">
          <AnswerDetection form={form} webhookURL={settings.livekit_webhook_url} />
        </Section>
        <Section title="Call settings" sentence="Read once, when a call starts.">
          <CallKnobs form={form} />
        </Section>
        <Section title="Limits" sentence="Of the calls through all trunks together; each trunk has its own.">
          <Limits form={form} readOnly={readOnly} />
        </Section>
        <Section title="Delivery" sentence="How outcomes reach the CRM.">
          <DeliveryRules form={form} />
        </Section>
        <Section title="Allowed origins" sentence="Pages that may call /calls/* from a browser.">
          <Origins form={form} />
        </Section>
      </>
    </FormFrame>
  );
}
