import { describe, expect, test } from "vitest";
import { EventParser } from "./sse";

describe("EventParser", () => {
  test("completes events at blank lines, whatever the pieces", () => {
    const text = ': hello\n\nevent: overview\ndata: {"a":1}\n\ndata: x\ndata: y\r\n\r\nevent: lonely\n\ndata: z';
    for (const size of [1, 2, 7, text.length]) {
      const parser = new EventParser();
      const events = [];
      for (let i = 0; i < text.length; i += size) events.push(...parser.push(text.slice(i, i + size)));
      expect(events, `pieces of ${size}`).toEqual([
        { event: "overview", data: '{"a":1}' },
        { event: "message", data: "x\ny" },
      ]);
    }
  });

  test("keeps a colon in the data, and only one leading space goes", () => {
    expect(new EventParser().push("data:  a: b\n\n")).toEqual([{ event: "message", data: " a: b" }]);
  });
});
