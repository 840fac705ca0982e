import { expect, it } from "vitest";
import { answerChoices, wordsOfAnswer } from "./answers";

it("offers the answers that there are, classes of several codes, and the chosen one", () => {
  const counts = [
    { answer: "503", count: 5 },
    { answer: "422", count: 3 },
    { answer: "500", count: 2 },
    { answer: "timeout", count: 1 },
  ];
  expect(answerChoices(counts, "dns").map((c) => c.label)).toEqual([
    "503 (5)",
    "422 (3)",
    "500 (2)",
    "timeout (1)",
    "any 5xx (7)",
    "name not found",
  ]);
  expect(answerChoices([], null)).toEqual([]);
});

it("has words for every class of failure", () => {
  for (const c of ["configuration", "address", "dns", "connect", "tls", "timeout", "closed", "other"])
    expect(wordsOfAnswer(c)).not.toBe(c === "timeout" ? "" : c);
});
