import { expect, test } from "vitest";
import { checkURL } from "./TargetForm";

test.each([
  ["https://crm.example.com/hook", "", true],
  ["http://127.0.0.1:8080/hook", "", true],
  ["crm.example.com/hook", "", false],
  ["ftp://crm.example.com", "", false],
  ["https://crm.example.com/?token=[redacted]", "https://crm.example.com/?token=[redacted]", true],
  ["https://new.example.com/?token=[redacted]", "https://crm.example.com/?token=[redacted]", false],
])("%s, when %s is stored", (url, stored, good) => expect(checkURL(url, stored) === null).toBe(good));
