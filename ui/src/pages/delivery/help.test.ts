import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { adviceFor, adviceForAnswer } from "./advice";
import { curlOf } from "./curl";

it("advises on every class of error and every status that refuses, and not on success", () => {
  for (const error_class of ["configuration", "address", "dns", "connect", "tls", "timeout", "closed", "redirect"])
    expect(adviceFor({ status: null, error_class }), error_class).not.toBe("");
  for (let status = 300; status < 600; status++)
    expect(adviceFor({ status, error_class: "status" }), String(status)).not.toBe("");
  expect(adviceFor({ status: 422, error_class: "status" })).toContain("which field");
  expect(adviceForAnswer("503")).toBe(adviceFor({ status: 503, error_class: "status" }));
  expect(adviceForAnswer("dns")).toBe(adviceFor({ status: null, error_class: "dns" }));
  expect(adviceFor({ status: 200, error_class: "" })).toBe("");
});

it("writes a command that a shell reads as it was meant, with the secret left to a variable", () => {
  const body = `{"name":"O'Brien $HOME","n":1}`;
  const command = curlOf(
    {
      url: "https://crm.example.com/hook?a=1&b='x'",
      request_headers: {
        "Content-Length": ["30"],
        "Content-Type": ["application/json"],
        "webhook-signature": ["v1,abc="],
        "x-api-key": ["[redacted]"],
      },
    },
    body,
  );
  const args = execFileSync("sh", ["-c", command.replace(/^curl/, "printf '%s\\n'")], {
    env: { X_API_KEY: "the key" },
    encoding: "utf8",
  });
  expect(args.trimEnd().split("\n")).toEqual([
    "-i",
    "-X",
    "POST",
    "-H",
    "Content-Type: application/json",
    "-H",
    "webhook-signature: v1,abc=",
    "-H",
    "x-api-key: the key",
    "--data-binary",
    body,
    "https://crm.example.com/hook?a=1&b='x'",
  ]);
});
