import { Alert } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import type { Schema } from "@/api/client";
import { verdictOf } from "./words";

/** Whether a number may be called, why, and what can be done when it may not. */
export function Verdict({ permission }: { permission: Schema<"Permission"> }) {
  const { title, why, remedy } = verdictOf(permission);
  return (
    <Alert
      role="status"
      color={permission.allowed ? "green" : "red"}
      icon={permission.allowed ? <IconCheck size={18} /> : <IconX size={18} />}
      title={title}
    >
      {why} {remedy}
      {permission.refusal && (
        <>
          {" "}
          The CRM gets 403 <code>{permission.refusal}</code>.
        </>
      )}
    </Alert>
  );
}
