import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Touched } from "./ask";
import { ProblemError } from "./client";

interface Options<Input, Output> {
  run: (input: Input) => Promise<Output>;
  /** What is read again afterwards. */
  touches?: readonly Touched[];
  /** What is said when it went well. */
  done?: string | ((output: Output, input: Input) => string);
  onDone?: (output: Output, input: Input) => void;
  /** The caller shows the error itself. */
  quiet?: boolean;
}

/** Does something, says how it went, and reads again what it changed. */
export function useAction<Input, Output>({ run, touches = [], done, onDone, quiet }: Options<Input, Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (output, input) => {
      for (const path of touches) void client.invalidateQueries({ queryKey: [path] });
      if (done) notifications.show({ message: typeof done === "string" ? done : done(output, input) });
      onDone?.(output, input);
    },
    onError: (error) => {
      if (!quiet)
        notifications.show({ color: "red", title: titleOf(error), message: detailOf(error), autoClose: 10_000 });
    },
  });
}

function titleOf(error: Error): string {
  return error instanceof ProblemError ? error.problem.title : "That failed";
}

function detailOf(error: Error): string {
  if (!(error instanceof ProblemError)) return error.message;
  const fields = error.problem.errors?.map((e) => `${e.field}: ${e.message}`).join("; ");
  return fields || error.problem.detail;
}
