import { expect, test } from "vitest";
import { contentIdOf } from "../../src/adr004/content-counts.ts";
import { addToHistory, emptyHistory } from "../../src/domain/history/history.ts";
import { addVerifiedRun, emptyVerifiedHistory } from "../../src/domain/history/verified-history.ts";
import { readExecution } from "../../src/domain/run/execution.ts";
import { historyOf, isSavedHistory, savedHistory } from "../../src/storage/shared/saved-history.ts";
import {
  isSavedVerifiedHistory,
  savedVerifiedHistory,
  verifiedHistoryOf,
} from "../../src/storage/shared/saved-verified-history.ts";

const at = Date.UTC(2026, 10, 22);
const history = emptyHistory();
for (const [place, success] of [true, false].entries()) {
  const run = readExecution(
    {
      id: `run_${String(place).padStart(20, "0")}`,
      timestamp: new Date(at).toISOString(),
      success,
      quality_score: 0.5,
      execution_time_s: 2,
    },
    contentIdOf,
  );
  if (run !== undefined) addToHistory(history, run, place);
}
const verified = emptyVerifiedHistory();
const checked = { executionId: "run_0", claimed: true, executedAt: null, verifications: { ci: false }, place: 1, at };
addVerifiedRun(verified, { before: undefined, after: checked }, 0);

const texts = {
  history: JSON.stringify(savedHistory(history)),
  verified: JSON.stringify(savedVerifiedHistory(verified)),
};

test("what was saved comes back as it was", () => {
  const saved: unknown = JSON.parse(texts.history);
  expect(isSavedHistory(saved) && historyOf(saved)).toEqual(history);
  const found: unknown = JSON.parse(texts.verified);
  expect(isSavedVerifiedHistory(found) && verifiedHistoryOf(found)).toEqual(verified);
});

test.each([
  ["a count that is none", "history", '"runs":2', '"runs":-1'],
  ["a count that is a text", "history", '"successes":1', '"successes":"1"'],
  ["a field that nothing knows", "history", '"total":{', '"total":{"more":1,'],
  ["a prototype", "history", '"total":{', '"total":{"__proto__":{},'],
  ["an instant beyond all dates", "history", `"earliestAt":${at}`, '"earliestAt":1e16'],
  ["a number beyond all numbers", "history", '"quality":0.5', '"quality":1e999'],
  ["a run that was not counted", "history", '"ordinal":2', '"ordinal":3'],
  ["a place that is missing", "history", '"firstPlace":0,', ""],
  ["a verifier that there is not", "verified", '"verifications":{"ci":', '"verifications":{"me":'],
  ["a count that is left out", "verified", '"human":0,', ""],
  ["a run that is no text", "verified", '"executionId":"run_0"', '"executionId":0'],
] as const)("%s is refused", (_what, form, written, forged) => {
  const text = texts[form].replace(written, forged);
  expect(text).not.toBe(texts[form]);
  const value: unknown = JSON.parse(text);
  expect(form === "history" ? isSavedHistory(value) : isSavedVerifiedHistory(value)).toBe(false);
});
