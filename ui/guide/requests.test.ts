// @vitest-environment node
import { execFileSync } from "node:child_process";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { writeOut } from "./requests";

const post =
  "```request\nPOST /api/c2c/calls/{call_id}/dtmf\nX-api-key: YOUR_INBOUND_KEY\n\n" + '{ "digits": "12#" }\n```\n';

/** The examples by language. */
function examples(markdown: string): Record<string, string> {
  return Object.fromEntries(
    [...writeOut(markdown).matchAll(/```(\w+) [^\n]+\n([\s\S]*?)\n```/g)].map((m) => [m[1] ?? "", m[2] ?? ""]),
  );
}

describe("writeOut", () => {
  test("writes a request in five languages, and leaves the rest alone", () => {
    const text = writeOut(`Before.\n\n${post}\nAfter.\n`);
    expect([...text.matchAll(/^```(\w+) (\S+) —/gm)].map((m) => m[2])).toEqual(["curl", "Node", "Python", "PHP", "Go"]);
    expect(text.startsWith("Before.")).toBe(true);
    expect(text.trimEnd().endsWith("After.")).toBe(true);
  });

  test("curl is as the product's first document has it", () => {
    const { sh } = examples(
      '```request\nPOST /api/c2c/click2call\nX-api-key: YOUR_INBOUND_KEY\n\n{ "case_id": "abc123" }\n```\n',
    );
    expect(sh).toBe(`curl -X POST {{BASE}}/api/c2c/click2call \\
  -H "X-api-key: YOUR_INBOUND_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{ "case_id": "abc123" }'`);
  });

  test("what Node is given is sent", async () => {
    const sent: [string, RequestInit | undefined][] = [];
    const fetched = (url: string, options?: RequestInit) => {
      sent.push([url, options]);
      return Promise.resolve(Response.json({ status: "sent" }));
    };
    await runInNewContext(`(async () => { ${examples(post).js} })()`, {
      fetch: fetched,
      callId: "c2c_x",
      process: { env: { CLICK2CALL_INBOUND_KEY: "key" } },
    });
    expect(sent).toEqual([
      [
        "{{BASE}}/api/c2c/calls/c2c_x/dtmf",
        {
          method: "POST",
          headers: { "X-api-key": "key", "Content-Type": "application/json" },
          body: '{"digits":"12#"}',
        },
      ],
    ]);
  });

  test("Python, PHP and Go name the path, the key and the body", () => {
    const { python = "", php = "", go = "" } = examples(post);
    expect(python).toContain('f"{{BASE}}/api/c2c/calls/{call_id}/dtmf"');
    expect(python).toContain('json={ "digits": "12#" }');
    expect(php).toContain("'{{BASE}}/api/c2c/calls/' . $call_id . '/dtmf'");
    expect(php).toContain("json_encode(['digits' => '12#'])");
    expect(go).toContain('"{{BASE}}/api/c2c/calls/"+callID+"/dtmf"');
    for (const code of [python, php, go]) expect(code).toContain("CLICK2CALL_INBOUND_KEY");
  });

  test("a shell takes what curl is given", () => {
    const { sh = "" } = examples(post);
    expect(() => execFileSync("sh", ["-n"], { input: sh })).not.toThrow();
  });

  test("refuses what is no request", () => {
    expect(() => writeOut("```request\nPOST click2call\n```\n")).toThrow(/begins with/);
    expect(() => writeOut("```request\nPOST /x\n\n{ nothing\n```\n")).toThrow();
  });
});
