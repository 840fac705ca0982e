import { Tabs } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useMay } from "@/app/session";
import { Empty, Page } from "@/components/Page";
import { ApiKeys } from "./ApiKeys";
import { Audit } from "./Audit";
import { Users } from "./Users";

const tabs = ["users", "keys", "audit"] as const;

/** Who may do what: people, the CRMs' keys, and what was done. */
export function AccessPage() {
  const admin = useMay("admin");
  const [params, setParams] = useSearchParams();
  const tab = tabs.find((t) => t === params.get("tab")) ?? "users";
  if (!admin) {
    return (
      <Page title="Access">
        <Empty title="Only admins see this page">
          Users, API keys and the audit log belong to the admin role. Ask an admin if you need one of them.
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Access" sentence="Who may do what: people, the CRMs' keys, and what was done.">
      <Tabs value={tab} onChange={(t) => setParams(t === "users" || t === null ? {} : { tab: t })} keepMounted={false}>
        <Tabs.List mb="lg">
          <Tabs.Tab value="users">Users</Tabs.Tab>
          <Tabs.Tab value="keys">API keys</Tabs.Tab>
          <Tabs.Tab value="audit">Audit log</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users">
          <Users />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <ApiKeys />
        </Tabs.Panel>
        <Tabs.Panel value="audit">
          <Audit />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
