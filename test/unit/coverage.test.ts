import { expect, test } from "vitest";
import { coverageEvidence } from "../../src/domain/coverage.ts";

test.each([
  [40, 40, 33, "hooks saw 40 runs start, 33 of them were reported"],
  [40, 38, 1, "hooks saw 40 runs start, 1 of them was reported; 2 were not seen to end"],
  [3, 2, 3, "hooks saw 3 runs start, all of them were reported; 1 was not seen to end"],
  [2, 2, 0, "hooks saw 2 runs start, none of them was reported"],
  [1, 1, 1, "hooks saw 1 run start, it was reported"],
  [1, 0, 0, "hooks saw 1 run start, it was not reported; 1 was not seen to end"],
])("%i started, %i ended and %i reported are told as what they are", (started, ended, reported, sentence) => {
  expect(coverageEvidence({ started, ended, reported, verified: 0 })).toBe(sentence);
});
