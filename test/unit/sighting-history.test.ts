import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sighting } from "../../src/domain/coverage/lifecycle-event.ts";
import {
  addSighting,
  emptySightingHistory,
  KEPT_SEEN_RUNS,
  type SightingHistory,
  viewSeenRuns,
} from "../../src/domain/coverage/observed-runs.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";

const START = Date.UTC(2026, 10, 1);

function sighting(key: string, event: Sighting["event"], day = 0, more: Partial<Sighting> = {}): Sighting {
  const timestamp = formatInstant(START + day * DAY_MS);
  return { agent: "reviewer", key, event, timestamp, first_seen: timestamp, ...more };
}

function historyOf(sightings: readonly Sighting[], into: SightingHistory = emptySightingHistory()): SightingHistory {
  for (const one of sightings) addSighting(into, one);
  return into;
}

describe("what hooks saw, folded", () => {
  test("counts a run on the day that its line says it was first seen on", () => {
    const first_seen = formatInstant(START);
    const history = historyOf([sighting("a", "ended", 3, { first_seen }), sighting("a", "started", 4, { first_seen })]);
    expect([...history.days]).toEqual([[START / DAY_MS, { started: 1, ended: 1, reported: 0, sightings: 2 }]]);
  });

  test("counts a run again whose line says that it was forgotten by then", () => {
    const history = historyOf([sighting("a", "ended"), sighting("a", "started", 40)]);
    expect(viewSeenRuns(history, 0)).toMatchObject({ started: 2, ended: 1 });
    expect(viewSeenRuns(history, START + 30 * DAY_MS)).toMatchObject({ started: 1, ended: 0, unreported: ["a"] });
  });

  test("says the same in whatever order the lines of a run stand, as after a merge", () => {
    const lines = [
      sighting("a", "started"),
      sighting("a", "ended", 0, { reported: true }),
      sighting("b", "started"),
      sighting("b", "ended"),
      sighting("b", "ended", 0, { reported: true }),
    ];
    const expected = viewSeenRuns(historyOf(lines), 0);
    expect(expected).toEqual({ started: 2, ended: 2, reported: 2, unreported: [] });
    fc.assert(
      fc.property(fc.shuffledSubarray([...lines, ...lines], { minLength: 10 }), (shuffled) => {
        expect(viewSeenRuns(historyOf(shuffled), 0)).toEqual(expected);
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
        const lines = given.map(({ key, event, day, reported }) =>
          sighting(key, event, day, reported ? { reported: true } : {}),
        );
        const cut = lines.length === 0 ? 0 : at % lines.length;
        const whole = historyOf(lines);
        expect(historyOf(lines.slice(cut), structuredClone(historyOf(lines.slice(0, cut))))).toEqual(whole);
      }),
    );
  });

  test("takes constant room: of the runs before the last thousand only the counts are left", () => {
    const history = emptySightingHistory();
    for (let run = 0; run < KEPT_SEEN_RUNS + 200; run += 1) addSighting(history, sighting(`a${run}`, "started"));
    expect(history.recent.size).toBe(KEPT_SEEN_RUNS);
    expect(viewSeenRuns(history, 0)).toMatchObject({ started: KEPT_SEEN_RUNS + 200 });
    // One of the last is known, and counted once; one before them is taken for another.
    historyOf([sighting("a1000", "ended"), sighting("a0", "ended")], history);
    expect(viewSeenRuns(history, 0)).toMatchObject({ started: KEPT_SEEN_RUNS + 201, ended: 2 });
  });
});
