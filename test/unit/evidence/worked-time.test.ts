import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonObject, JsonValue } from "../../../src/domain/text/json.ts";
import { ClaudeReader } from "../../../src/evidence/transcript/claude/claude-reader.ts";
import type { WorkedTime } from "../../../src/evidence/transcript/worked-time.ts";

const START = Date.parse("2026-11-20T10:00:00Z");
const [MINUTE, DAY] = [60, 86_400];

type Entry = JsonObject;

/** An entry so many seconds after the first. */
function entry(type: string, seconds: number, content: JsonValue = "text"): Entry {
  return { type, timestamp: new Date(START + seconds * 1000).toISOString(), message: { content } };
}

/** By the entries of a transcript, or of its two ends. */
function workedTime(parts: readonly (readonly Entry[])[]): WorkedTime {
  const reader = new ClaudeReader({ key: "a1", isNamed: true, elsewhere: new Set(), steps: undefined });
  for (const [index, entries] of parts.entries()) {
    if (index > 0) reader.record.clock.leaveOut();
    for (const each of entries) reader.add(each);
  }
  return reader.record.clock.worked();
}

const prompt = (seconds: number) => entry("user", seconds);
const answer = (seconds: number) => entry("assistant", seconds, [{ type: "text", text: "Done." }]);
const call = (seconds: number, id = "toolu_01") =>
  entry("assistant", seconds, [{ type: "tool_use", id, name: "Bash", input: {} }]);
const result = (seconds: number, id = "toolu_01") =>
  entry("user", seconds, [{ type: "tool_result", tool_use_id: id, content: "ok" }]);
const note = (seconds: number, type = "attachment") => entry(type, seconds);

const secondsOf = (...entries: Entry[]) => Number(workedTime([entries])) / 1000;

test("what lies between an answer and the next prompt is no work where it is longer than ten minutes", () => {
  expect(secondsOf(prompt(0), answer(60), prompt(2 * DAY), answer(2 * DAY + 30))).toBe(90);
  expect(secondsOf(prompt(0), answer(60), prompt(60 + 10 * MINUTE), answer(90 + 10 * MINUTE))).toBe(90 + 10 * MINUTE);
  expect(secondsOf(prompt(0), answer(60), prompt(61 + 10 * MINUTE), answer(91 + 10 * MINUTE))).toBe(90);
  expect(secondsOf(prompt(0), answer(9), prompt(DAY), answer(DAY + 9), prompt(3 * DAY), answer(3 * DAY + 9))).toBe(27);
});

test("a prompt that waits for its answer is work, and so is a call that waits for its result", () => {
  expect(secondsOf(prompt(0), answer(30 * MINUTE))).toBe(30 * MINUTE);
  expect(secondsOf(prompt(0), call(1), result(5 * 3600), answer(5 * 3600 + 1))).toBe(5 * 3600 + 1);
  expect(secondsOf(prompt(0), call(1), result(2), answer(2 + 20 * MINUTE))).toBe(2 + 20 * MINUTE);
  // The client notes how a tool gets on, and what has been typed meanwhile.
  const hour = 3600;
  expect(
    secondsOf(prompt(0), call(1), note(900, "progress"), prompt(2 * hour), result(3 * hour), answer(3 * hour)),
  ).toBe(3 * hour);
  expect(secondsOf(prompt(0), note(20 * MINUTE, "progress"), answer(30 * MINUTE))).toBe(30 * MINUTE);
});

test("a turn that was killed before its end is taken up without the time between", () => {
  expect(secondsOf(prompt(0), prompt(2 * DAY), answer(2 * DAY + 30))).toBe(30);
  expect(secondsOf(prompt(0), call(10), prompt(2 * DAY), answer(2 * DAY + 30))).toBe(40);
  expect(secondsOf(prompt(0), call(10), result(20), prompt(2 * DAY), answer(2 * DAY + 30))).toBe(50);
});

test("what the client notes for itself makes a pause no work", () => {
  const later = 2 * DAY;
  expect(secondsOf(prompt(0), answer(60), note(61, "system"), note(later), prompt(later + 1), answer(later + 9))).toBe(
    70,
  );
  expect(secondsOf(prompt(0), answer(60), note(later, "system"))).toBe(60);
});

test("of a transcript that is read at its ends the time is known where no pause can be in the rest", () => {
  const unread = workedTime([
    [prompt(0), call(5)],
    [result(11 * MINUTE), answer(12 * MINUTE)],
  ]);
  expect(unread).toBe("unread");
  expect(
    workedTime([
      [prompt(0), call(5)],
      [result(10 * MINUTE), answer(12 * MINUTE)],
    ]),
  ).toBe(12 * MINUTE * 1000);
  expect(workedTime([[prompt(0), answer(5), prompt(DAY)], [answer(DAY + 9)]])).toBe(14_000);
  expect(workedTime([[], [answer(12 * MINUTE)]])).toBe("unread");
  expect(workedTime([[prompt(0)], []])).toBe("unread");
});

test("without times, or with the last before the first, nothing is known", () => {
  expect(workedTime([[]])).toBeUndefined();
  expect(workedTime([[{ type: "user" }, { type: "assistant", timestamp: "soon" }]])).toBeUndefined();
  expect(workedTime([[prompt(60), answer(0)]])).toBeUndefined();
});

test("the time is never more than from the first entry to the last, and all of it where nothing pauses long", () => {
  const kinds = [prompt, answer, call, result, note];
  const step = fc.tuple(fc.nat({ max: kinds.length - 1 }), fc.nat({ max: 3 * DAY }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      let seconds = 0;
      const entries = steps.map(([kind, gap]) => {
        seconds += gap;
        return kinds[kind]?.(seconds) ?? prompt(seconds);
      });
      const [, ...later] = steps;
      const whole = later.reduce((sum, [, gap]) => sum + gap, 0);
      const worked = secondsOf(...entries);
      expect(worked).toBeGreaterThanOrEqual(0);
      expect(worked).toBeLessThanOrEqual(whole);
      if (later.every(([, gap]) => gap <= 10 * MINUTE)) expect(worked).toBe(whole);
    }),
  );
});
