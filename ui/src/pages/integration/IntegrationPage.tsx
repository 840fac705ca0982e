import blocks from "../../../guide/integration.md?guide";
import { GuidePage } from "./GuidePage";

/** Everything a CRM developer needs. */
export function IntegrationPage() {
  return <GuidePage title="Integration guide" blocks={blocks} markdown="integration.md" depth={2} />;
}
