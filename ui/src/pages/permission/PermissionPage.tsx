import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask } from "@/api/ask";
import { Loaded } from "@/components/Loaded";
import { Page, Section, Sections } from "@/components/Page";
import { Ask } from "./Ask";
import { DoNotCallLists } from "./DoNotCallLists";
import { LookUp } from "./LookUp";
import { RulesForm } from "./RulesForm";

/** Whom agents may call, when and how often. */
export function PermissionPage() {
  const rules = useQuery({
    ...ask("/api/admin/permission"),
    refetchOnWindowFocus: false,
  });
  return (
    <Page
      title="Permission"
      sentence="Whom agents may call, when and how often. Asked when a call is placed and again before its dial; off until you set it."
      narrow
    >
      <Loaded query={rules} bones={<Skeleton height={640} />}>
        {(data) => (
          <>
            <Sections>
              <Section
                title="May this number be called?"
                sentence="The dial asks the same function. Nothing is dialed."
              >
                <Ask fallback={data.default_purpose} />
              </Section>
            </Sections>
            <RulesForm key={data.version} rules={data} />
          </>
        )}
      </Loaded>
      <Section
        title="Do-not-call lists"
        sentence="Numbers are kept as keyed hashes: they can be looked up and taken off, never read."
      >
        <DoNotCallLists />
      </Section>
      <Section title="One number" sentence="Which lists it is on, and how often it was dialed of late.">
        <LookUp />
      </Section>
    </Page>
  );
}
