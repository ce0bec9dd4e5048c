import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LifecycleEvent } from "../../src/domain/coverage/lifecycle-event.ts";
import {
  addLifecycleEvent,
  emptyLifecycleHistory,
  type LifecycleHistory,
  viewObservedRuns,
} from "../../src/domain/coverage/observed-runs.ts";
import { KEPT_SEEN_RUNS } from "../../src/domain/run/runs-by-key.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";

const START = Date.UTC(2026, 10, 1);

function event(
  key: string,
  event: LifecycleEvent["event"],
  day = 0,
  more: Partial<LifecycleEvent> = {},
): LifecycleEvent {
  const timestamp = formatInstant(START + day * DAY_MS);
  return { agent: "reviewer", key, event, timestamp, first_seen: timestamp, ...more };
}

function historyOf(
  lifecycle: readonly LifecycleEvent[],
  into: LifecycleHistory = emptyLifecycleHistory(),
): LifecycleHistory {
  for (const one of lifecycle) addLifecycleEvent(into, one);
  return into;
}

describe("what hooks saw, folded", () => {
  test("counts a run on the day that its line says it was first seen on", () => {
    const first_seen = formatInstant(START);
    const history = historyOf([event("a", "ended", 3, { first_seen }), event("a", "started", 4, { first_seen })]);
    expect([...history.days]).toEqual([[START / DAY_MS, { started: 1, ended: 1, reported: 0, events: 2 }]]);
  });

  test("counts a run again whose line says that it was forgotten by then", () => {
    const history = historyOf([event("a", "ended"), event("a", "started", 40)]);
    expect(viewObservedRuns(history, 0)).toMatchObject({ started: 2, ended: 1 });
    expect(viewObservedRuns(history, START + 30 * DAY_MS)).toMatchObject({ started: 1, ended: 0, unreported: ["a"] });
  });

  test("says the same in whatever order the lines of a run stand, as after a merge", () => {
    const lines = [
      event("a", "started"),
      event("a", "ended", 0, { reported: true }),
      event("b", "started"),
      event("b", "ended"),
      event("b", "ended", 0, { reported: true }),
    ];
    const expected = viewObservedRuns(historyOf(lines), 0);
    expect(expected).toEqual({ started: 2, ended: 2, reported: 2, unreported: [], assigned: new Map() });
    fc.assert(
      fc.property(fc.shuffledSubarray([...lines, ...lines], { minLength: 10 }), (shuffled) => {
        expect(viewObservedRuns(historyOf(shuffled), 0)).toEqual(expected);
      }),
    );
  });

  test("says the same wherever the fold was broken off and taken up again", () => {
    const operations = fc.array(
      fc.record({
        key: fc.constantFrom("a", "b", "c", "d"),
        event: fc.constantFrom("started" as const, "ended" as const),
        day: fc.integer({ min: 0, max: 3 }),
        reported: fc.boolean(),
      }),
    );
    fc.assert(
      fc.property(operations, fc.nat(), (given, at) => {
        const lines = given.map(({ key, event: name, day, reported }) =>
          event(key, name, day, reported ? { reported: true } : {}),
        );
        const cut = lines.length === 0 ? 0 : at % lines.length;
        const whole = historyOf(lines);
        expect(historyOf(lines.slice(cut), structuredClone(historyOf(lines.slice(0, cut))))).toEqual(whole);
      }),
    );
  });

  test("takes constant room: of the runs before the last thousand only the counts are left", () => {
    const history = emptyLifecycleHistory();
    for (let run = 0; run < KEPT_SEEN_RUNS + 200; run += 1) addLifecycleEvent(history, event(`a${run}`, "started"));
    expect(history.recent.size).toBe(KEPT_SEEN_RUNS);
    expect(viewObservedRuns(history, 0)).toMatchObject({ started: KEPT_SEEN_RUNS + 200 });
    // One of the last is known, and counted once; one before them is taken for another.
    historyOf([event("a1000", "ended"), event("a0", "ended")], history);
    expect(viewObservedRuns(history, 0)).toMatchObject({ started: KEPT_SEEN_RUNS + 201, ended: 2 });
  });
});
