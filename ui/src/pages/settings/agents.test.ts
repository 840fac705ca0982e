import { describe, expect, it } from "vitest";
import { haveOwnIDs } from "./agents";

describe("whether agents have an id of their own", () => {
  it("is likely where no id makes most of the calls", () => expect(haveOwnIDs([12, 9, 7, 3])).toBe(true));
  it("is not where a team shares one", () => expect(haveOwnIDs([90, 9, 7, 3])).toBe(false));
  it("cannot be told from a trial", () => {
    expect(haveOwnIDs([])).toBe(false);
    expect(haveOwnIDs([100, 100])).toBe(false);
    expect(haveOwnIDs([4, 4, 4])).toBe(false);
  });
});
