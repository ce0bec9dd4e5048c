import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EvidenceLine, Facts } from "../../src/domain/evidence/evidence.ts";
import {
  type EvidenceHistory,
  emptyEvidenceHistory,
  evidenceRules,
  viewEvidence,
} from "../../src/domain/evidence/evidence-history.ts";
import { overlapping, type RunOfAgent } from "../../src/domain/evidence/overlapping.ts";
import { addRunEvent, KEPT_SEEN_RUNS } from "../../src/domain/run/runs-by-key.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { countsOf } from "../support/evidence.ts";
import { agentNamed, REVIEWER } from "../support/runs.ts";

const START = Date.UTC(2026, 10, 1);

function line(key: string, facts: Facts = {}, day = 0): EvidenceLine {
  const timestamp = formatInstant(START + day * DAY_MS);
  return { agent: "reviewer", key, timestamp, first_seen: timestamp, v: 1, ...facts };
}

function historyOf(lines: readonly EvidenceLine[], into: EvidenceHistory = emptyEvidenceHistory()): EvidenceHistory {
  for (const one of lines) addRunEvent(into, one, evidenceRules);
  return into;
}

const countsIn = (history: EvidenceHistory, cutoff = 0) => countsOf({ seen: viewEvidence(history, cutoff) });

describe("evidence, folded", () => {
  test("is counted on the day on which its run was first seen, also what came later", () => {
    const history = historyOf([
      line("a", { cost_usd: 1 }),
      { ...line("a", { cost_usd: 3 }, 4), first_seen: formatInstant(START) },
    ]);
    expect([...history.days.keys()]).toEqual([START / DAY_MS]);
    expect(countsIn(history)).toEqual({ runs: 1, ended: 0, cost_usd: [1, 3] });
    expect(countsIn(history, START + DAY_MS - 1)).toEqual({ runs: 1, ended: 0, cost_usd: [1, 3] });
    expect(countsIn(history, START + DAY_MS)).toEqual({ runs: 0, ended: 0 });
  });

  test("moves a run between the classes, and counts a flag once that is said twice", () => {
    const history = historyOf([
      line("a", { seen: "red", flags: ["tampered", "tampered"] }),
      line("a", { seen: "known_red" }),
    ]);
    expect(countsIn(history)).toEqual({ runs: 1, ended: 0, known_red: 1, tampered: 1 });
  });

  test("says the same wherever the fold was broken off and taken up again", () => {
    const lines = fc.array(
      fc.record({
        key: fc.constantFrom("a", "b", "c"),
        cost_usd: fc.constantFrom(undefined, null, 0.1, 0.7),
        day: fc.integer({ min: 0, max: 2 }),
      }),
    );
    fc.assert(
      fc.property(lines, fc.nat(), (given, at) => {
        const all = given.map(({ cost_usd, day, key }) => line(key, cost_usd === undefined ? {} : { cost_usd }, day));
        const cut = all.length === 0 ? 0 : at % all.length;
        expect(historyOf(all.slice(cut), structuredClone(historyOf(all.slice(0, cut))))).toEqual(historyOf(all));
      }),
    );
  });

  test("takes constant room: of the runs before the last thousand only the counts are left", () => {
    const history = emptyEvidenceHistory();
    for (let run = 0; run < KEPT_SEEN_RUNS + 200; run += 1) historyOf([line(`a${run}`, { cost_usd: 0.1 })], history);
    expect(history.recent.size).toBe(KEPT_SEEN_RUNS);
    // One of the last is known, and counted once; one before them is taken for another.
    historyOf([line("a1000", { cost_usd: 0.1, tools: 1 }), line("a0", { tools: 1 })], history);
    expect(countsIn(history)).toEqual({ runs: 1201, ended: 0, cost_usd: [1200, 120], tools: [2, 2] });
  });
});

describe("runs in one working copy", () => {
  const run = (key: string, from: number, to: number | undefined, checkout: string | undefined = "0123456789ab") => ({
    agent: REVIEWER,
    key,
    run: {
      firstSeenAt: START + from * 1000,
      endedAt: to === undefined ? undefined : START + to * 1000,
      facts: checkout === undefined ? {} : { checkout },
    },
  });
  const one = run("one", 100, 200);
  const day = 24 * 60 * 60;

  test.each<[string, RunOfAgent, boolean]>([
    ["before it", run("a", 10, 99), false],
    ["up to the second in which it began", run("a", 10, 100), true],
    ["into it", run("a", 10, 150), true],
    ["within it", run("a", 120, 130), true],
    ["around it", run("a", 10, 300), true],
    ["from the second in which it ended", run("a", 200, 300), true],
    ["after it", run("a", 201, 300), false],
    ["in another one, at the same time", run("a", 120, 130, "ba9876543210"), false],
    [
      "in an unknown one, at the same time",
      { ...run("a", 120, 130), run: { ...run("a", 120, 130).run, facts: {} } },
      false,
    ],
    ["since some time before", run("a", 10, undefined), true],
    ["since nearly a day before", run("a", 100 - day, undefined), true],
    ["since more than a day, so that it was killed", run("a", 99 - day, undefined), false],
    ["since a moment after it ended", run("a", 201, undefined), false],
    ["under the same key, of another agent", { ...run("one", 120, 130), agent: agentNamed("writer") }, true],
    ["as that very run", run("one", 120, 130), false],
  ])("overlap with one that was at work %s", (_, other, isMeant) => {
    expect(overlapping([run("far", 1000, 2000), other], one)).toEqual(isMeant ? [other] : []);
  });

  test("do not overlap with one whose working copy is unknown", () => {
    const unknown = { ...one, run: { ...one.run, facts: {} } };
    expect(overlapping([run("a", 120, 130), { ...unknown, key: "other" }], unknown)).toEqual([]);
  });
});
