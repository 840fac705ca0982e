import { expect, test } from "vitest";
import { tokenOf } from "./link";

test("a token is read from the part of the address that no server sees", () => {
  expect(tokenOf("#rcv_ABCDEFGHIJKLMNOPQRSTUVWXYZ")).toBe("rcv_ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  for (const none of ["", "#", "#bench", "#rcv_", "#rcv_ABC&x=1", "rcv_ABC"]) expect(tokenOf(none)).toBe("");
});
