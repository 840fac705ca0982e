import { expect, test } from "vitest";
import { isElsewhere, parseHeaders } from "./request";

test("headers are read line by line", () => {
  expect(parseHeaders("X-Tenant: 42\n\n Authorization:Basic a:b \r\n")).toEqual({
    "X-Tenant": "42",
    Authorization: "Basic a:b",
  });
  expect(parseHeaders(" \n")).toEqual({});
});

test.each([
  "X-Tenant",
  ": 42",
  "X Tenant: 42",
  "X-A: 1\nx-a: 2",
  Array.from({ length: 21 }, (_, i) => `X-${i}: 1`).join("\n"),
])("%s is refused", (text) => expect(parseHeaders(text)).toBeTypeOf("string"));

test.each([
  ["https://crm.example.com/other?token=x", false],
  [" https://CRM.example.com:443/hook", false],
  ["http://crm.example.com/hook", true],
  ["https://crm.example.com:8443/hook", true],
  ["https://crm.example.com@evil.example/hook", true],
  ["https://", false],
])("%s is elsewhere: %s", (url, elsewhere) =>
  expect(isElsewhere(url, "https://crm.example.com/hook?token=[redacted]")).toBe(elsewhere),
);
