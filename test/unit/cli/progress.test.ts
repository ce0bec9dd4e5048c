import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createProgress } from "../../../src/cli/terminal/progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is written on stderr while steps are made, each after so many ms. */
function written(
  isTerminal: boolean,
  steps: readonly (readonly [afterMs: number, done: number])[],
  waitMs = 0,
): string[] {
  const texts: string[] = [];
  const progress = createProgress({ isTerminal, columns: 40, now: Date.now, write: (text) => texts.push(text) });
  for (const [afterMs, done] of steps) {
    vi.advanceTimersByTime(afterMs);
    progress.step("lines read", done, 900);
  }
  vi.advanceTimersByTime(waitMs);
  progress.clear();
  vi.advanceTimersByTime(60_000);
  return texts;
}

test("short work says nothing", () => {
  expect(
    written(true, [
      [100, 1],
      [200, 2],
    ]),
  ).toEqual([]);
  expect(
    written(false, [
      [500, 1],
      [1_000, 2],
    ]),
  ).toEqual([]);
});

test("on a terminal one line is replaced, ten times a second at most, and taken off in the end", () => {
  expect(
    written(true, [
      [400, 1],
      [10, 2],
      [10, 3],
      [100, 4],
    ]),
  ).toEqual(["\r\u001b[Klines read: 1 of 900", "\r\u001b[Klines read: 3 of 900", "\r\u001b[K"]);
});

test("elsewhere there is a line now and then", () => {
  expect(
    written(false, [
      [2_000, 1],
      [5_000, 2],
      [5_000, 3],
    ]),
  ).toEqual(["kaizen-metrics: lines read: 1 of 900\n", "kaizen-metrics: lines read: 2 of 900\n"]);
});

test("bytes of a file are megabytes, on a line that fits and steers nothing", () => {
  const texts: string[] = [];
  const options = { isTerminal: true, columns: 40, now: Date.now, write: (text: string) => texts.push(text) };
  const progress = createProgress(options);
  vi.advanceTimersByTime(400);
  progress.bytes("looking at a\u001b[2J\u202eb", 12_340_000, 210_000_000);
  expect(texts.splice(0)).toEqual(["\r\u001b[Klooking at a [2Jb: 12.3 of 210.0 MB"]);
  vi.advanceTimersByTime(100);
  progress.bytes("looking at a file with quite a long name", 1, 2);
  expect(texts[0]?.slice(4)).toBe("looking at a file with…: 0.0 of 0.0 MB");
  expect(texts[0]?.slice(4).length).toBeLessThan(40);
});

test("a single step that takes long shows as well", () => {
  expect(written(true, [[0, 0]], 5_000)).toEqual(["\r\u001b[Klines read: 0 of 900", "\r\u001b[K"]);
});
