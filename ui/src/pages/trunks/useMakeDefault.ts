import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";

/** Lets the next calls leave by another trunk. */
export function useMakeDefault() {
  return useAction({
    run: ({ trunk_id, ...trunk }: Schema<"Trunk">) =>
      read(
        api.PUT("/api/admin/trunks/{trunk_id}", {
          params: { path: { trunk_id } },
          body: { ...trunk, default: true, enabled: true },
        }),
      ),
    touches: ["/api/admin/trunks", "/api/admin/overview"],
    done: (saved) => `New calls leave by ${saved.label} now.`,
  });
}
