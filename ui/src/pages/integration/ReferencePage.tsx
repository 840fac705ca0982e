import blocks from "../../../../api/openapi.yaml?guide";
import { GuidePage } from "./GuidePage";

/** Every operation of the API, from its contract. */
export function ReferencePage() {
  return <GuidePage title="API reference" blocks={blocks} markdown="reference.md" depth={3} />;
}
