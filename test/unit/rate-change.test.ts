import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rateChange } from "../../src/domain/figures/rate-change.ts";
import { comeInStreaks } from "../../src/domain/figures/streaks.ts";
import { probabilityText } from "../../src/domain/statistics/verdict.ts";
import { judgedRuns } from "../support/judged-runs.ts";

const repeat = (picture: string, times: number) => picture.repeat(times);
/** 46 of 50, as evenly as can be. */
const good = `${repeat("-++++++++++++", 3)}-${repeat("+", 10)}`;

describe("the change of a success rate", () => {
  test("is a decline where the last runs fail, with what says so", () => {
    expect(rateChange(judgedRuns(`${good} --+-+--++-`))).toEqual({
      pChanged: expect.closeTo(0.6699, 4),
      changes: [{ after: 50, timestamp: "2026-11-03T02:00:00Z" }],
      since: { runs: 10, successes: 4 },
      before: { runs: 50, successes: 46 },
      verdict: "declining",
      decliningSince: "2026-11-03T02:00:00Z",
      evidence: "declining since about 2026-11-03T02:00Z: 4 of 10, before that 46 of 50 (P 0.67)",
    });
  });

  test("is an improvement where they succeed", () => {
    const { decliningSince, evidence, verdict } = rateChange(judgedRuns(`${repeat("-+", 15)}${repeat("+", 20)}`));
    expect({ decliningSince, verdict }).toEqual({ decliningSince: null, verdict: "improving" });
    expect(evidence).toMatch(
      /^improving since about 2026-11-02T0\d:00Z: 2\d of 2\d, before that 1\d of 2\d \(P 0\.\d\d\)$/,
    );
  });

  test("is none where the rate is the same", () => {
    expect(rateChange(judgedRuns(repeat("+-", 10)))).toMatchObject({
      changes: [],
      since: { runs: 20, successes: 10 },
      before: null,
      verdict: "steady",
      decliningSince: null,
      evidence: "steady: 10 of 20 succeeded",
    });
  });

  test("names the level after a change that is long ago", () => {
    const runs = judgedRuns(`${repeat("-+++++++++", 6)}${repeat("-+-+--++-+", 7)}`);
    expect(rateChange(runs)).toMatchObject({
      verdict: "steady",
      before: { runs: 60 },
      since: { runs: 70 },
      evidence: "steady: 35 of 70 since about 2026-11-03T12:00Z, 54 of 60 before",
    });
  });

  test("is not worth a word below 0.10, however sure it is, and is at exactly 0.10", () => {
    const exactly = rateChange(judgedRuns(repeat("+", 150) + repeat("-+++++++++", 5)));
    expect(exactly).toMatchObject({ before: { runs: 150, successes: 150 }, since: { runs: 50, successes: 45 } });
    expect(exactly.verdict).toBe("declining");
    const below = rateChange(judgedRuns(`${repeat("+", 156)}-+++++++++++++++-++++++-++++++++++++++++++-+`));
    expect(below.pChanged).toBeGreaterThan(0.5);
    expect(below).toMatchObject({
      verdict: "steady",
      evidence: "steady: 40 of 44 since about 2026-11-07T12:00Z, 156 of 156 before",
    });
  });

  test.each([
    ["", null, "too few runs: 0 of 0 succeeded, 10 more runs needed"],
    ["-", 0, "too few runs: 0 of 1 succeeded, 9 more runs needed"],
    ["+++++----", expect.any(Number), "too few runs: 5 of 9 succeeded, 1 more run needed"],
  ])("is not judged of %j", (picture, pChanged, evidence) => {
    expect(rateChange(judgedRuns(picture))).toMatchObject({ verdict: "too_few_runs", pChanged, evidence });
  });

  test("is told by the number of the run where no run says its time", () => {
    const runs = judgedRuns(`${good}--+-+--++-`, () => ({ at: undefined as never, timestamp: null }));
    const { changes, decliningSince, evidence } = rateChange(runs);
    expect({ changes, decliningSince }).toEqual({ changes: [{ after: 50, timestamp: null }], decliningSince: null });
    expect(evidence).toBe("declining since about run 51 of these: 4 of 10, before that 46 of 50 (P 0.67)");
  });

  test("keeps a timestamp as its writer wrote it, and tells its time in the form of the store", () => {
    const runs = judgedRuns(`${good}--+-+--++-`).map((run) => ({ ...run, timestamp: `${run.timestamp}?` }));
    const { changes, decliningSince } = rateChange(runs);
    expect(changes).toEqual([{ after: 50, timestamp: "2026-11-03T02:00:00Z" }]);
    expect(decliningSince).toBe("2026-11-03T02:00:00Z?");
  });

  test("never says more than it knows, whatever the outcomes", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("+", "-", "V", "x"), { maxLength: 200 }), (marks) => {
        const runs = judgedRuns(marks.join(""));
        const { before, changes, evidence, pChanged, since, verdict } = rateChange(runs);
        const last = changes.at(-1)?.after ?? 0;
        expect(since.runs).toBe(runs.length - last);
        expect(before?.runs).toBe(changes.length === 0 ? undefined : last - (changes.at(-2)?.after ?? 0));
        expect(evidence.startsWith(verdict.replaceAll("_", " "))).toBe(true);
        if (verdict === "improving" || verdict === "declining") expect(pChanged).toBeGreaterThanOrEqual(0.5);
      }),
      { numRuns: 60 },
    );
  });

  test("is shown with a probability that is never certain", () => {
    expect([0.9949, 0.995, 1, 0.5, 0.765].map(probabilityText)).toEqual(["0.99", "> 0.99", "> 0.99", "0.50", "0.77"]);
  });
});

describe("runs that were checked and runs that were not", () => {
  test("are not compared: where checking begins, that is what is said", () => {
    const runs = judgedRuns(`${repeat("+", 60)} ${repeat("x+V-+xV+x+", 4)}`);
    const { decliningSince, evidence, verdict } = rateChange(runs);
    expect({ decliningSince, verdict }).toEqual({ decliningSince: null, verdict: "steady" });
    expect(evidence).toBe(
      "steady: checked since about 2026-11-03T12:00Z: 0 of 60 runs before, 20 of 40 since; not comparable",
    );
  });

  test("are not compared where checking ends, either", () => {
    const { evidence, verdict } = rateChange(judgedRuns(`${repeat("VxxVx", 12)} ${repeat("+", 40)}`));
    expect(verdict).toBe("steady");
    expect(evidence).toMatch(
      /^steady: checked less since about 2026-11-03T\d\d:00Z: \d\d of \d\d runs before, 0 of \d\d since; not comparable$/,
    );
  });

  test("are compared where the checks alone show the same change", () => {
    const runs = judgedRuns(`${repeat("V+++", 15)} ${repeat("xxx-", 10)}`);
    const { evidence, verdict } = rateChange(runs);
    expect(verdict).toBe("declining");
    expect(evidence).not.toContain("checked");
  });

  test("need ten checks for that", () => {
    const runs = judgedRuns(`${repeat("+", 50)}VVV xxxxxx-------`);
    expect(rateChange(runs)).toMatchObject({ verdict: "steady", evidence: expect.stringContaining("not comparable") });
  });

  test.each([
    ["as much", `${repeat("V+", 30)} ${repeat("x-", 10)}`],
    ["0.15 more", `${repeat("+", 60)} ${repeat("-", 17)}xxx`],
  ])("are compared where %s was checked", (_, picture) => {
    const { evidence, verdict } = rateChange(judgedRuns(picture));
    expect(verdict).toBe("declining");
    expect(evidence).not.toContain("comparable");
  });

  test("are not compared from a difference of exactly 0.20 on", () => {
    expect(rateChange(judgedRuns(`${repeat("+", 60)} ${repeat("----x", 3)}`)).verdict).toBe("steady");
  });
});

describe("a change while the work changes", () => {
  const picture = `${repeat("+++++++++-", 5)} ${repeat("-+-", 6)}`;
  const taskFrom = (cut: number) => (index: number) => ({ task: index < cut ? "review" : "migrate" });

  test("is told with a warning", () => {
    expect(rateChange(judgedRuns(picture, taskFrom(50))).evidence).toMatch(
      /^declining since .*; the kinds of work differ \(\d\d+% of it\), which may be all$/,
    );
  });

  test("is told without one where the work is the same, or not known", () => {
    for (const runs of [judgedRuns(picture, () => ({ task: "review" })), judgedRuns(picture)]) {
      expect(rateChange(runs).evidence).toMatch(/^declining since [^;]*$/);
    }
  });
});

describe("outcomes in streaks", () => {
  const streaks = repeat("++++++++++----", 6);

  test("are known by each run's being like the one before", () => {
    expect(comeInStreaks(judgedRuns(streaks).map((run) => run.success))).toBe(true);
  });

  test.each([
    ["a single change", `${repeat("++++-", 12)}${repeat("+-", 20)}`],
    ["outcomes in turn", repeat("+-", 40)],
    ["outcomes that are all the same", repeat("+", 80)],
    ["fewer than 40", repeat("+++---", 6)],
  ])("are not seen in %s", (_, picture) => {
    expect(comeInStreaks(judgedRuns(picture).map((run) => run.success))).toBe(false);
  });

  test("make a change one that comes and goes", () => {
    const runs = judgedRuns(`${streaks}${repeat("-", 14)}`);
    expect(rateChange(runs)).toMatchObject({
      verdict: "declining",
      evidence: expect.stringMatching(/^declining since .*; outcomes come in streaks: such changes come and go$/),
    });
    expect(rateChange(judgedRuns(`${good}--+-+--++-`)).evidence).not.toContain("streaks");
  });
});
