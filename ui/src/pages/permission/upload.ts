import { problemOf, ProblemError, type Schema } from "@/api/client";
import { path } from "@/app/base";

/** How far a file has been sent, 0 to 1. */
export type OnSent = (share: number) => void;

/**
 * Sends a CSV file to a list. It is sent by XMLHttpRequest, because fetch does not tell how far an upload is. The server answers when it
 * has read all lines. Sent again, it changes nothing twice.
 */
export function upload(listID: string, file: File, onSent: OnSent): Promise<Schema<"DoNotCallImport">> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${path}/api/admin/do-not-call/${encodeURIComponent(listID)}/imports`);
    request.setRequestHeader("Content-Type", "text/csv");
    request.upload.onprogress = (e) => onSent(e.lengthComputable ? e.loaded / e.total : 0);
    request.onload = () => {
      const response = new Response(request.responseText, {
        status: request.status,
        headers: { "Content-Type": request.getResponseHeader("Content-Type") ?? "" },
      });
      if (response.ok) resolve(JSON.parse(request.responseText) as Schema<"DoNotCallImport">);
      else void problemOf(response).then((problem) => reject(new ProblemError(problem)));
    };
    request.onerror = () =>
      reject(
        new ProblemError({
          type: "urn:click2call:problem:no_answer",
          title: "The upload broke off",
          status: 0,
          detail: "What was read is on the list. Import the same file again: nothing is taken twice.",
          code: "no_answer",
        }),
      );
    request.send(file);
  });
}
