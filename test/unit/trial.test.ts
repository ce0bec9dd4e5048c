import { describe, expect, test } from "vitest";
import {
  decisionOf,
  firstVerified,
  holdoutEvidence,
  standingOf,
  type TrialRun,
  trialEvidence,
} from "../../src/domain/coaching/trial.ts";

/** Runs of one arm: `+` for a success, `-` for a failure, `?` for a run without an outcome. */
function arm(isShown: boolean, picture: string): TrialRun[] {
  return [...picture].map((mark) => ({ isShown, outcome: mark === "?" ? undefined : mark === "+" }));
}

function trialOf(shown: string, notShown: string, share = 0.5) {
  return standingOf([...arm(true, shown), ...arm(false, notShown)], share);
}

const settings = { number: 1, share: 0.5, outcome: "verified" } as const;

describe("the verified outcome of a run in a trial", () => {
  test("is its first one: asking the same verifier again changes nothing", () => {
    expect(firstVerified([])).toBeUndefined();
    expect(
      firstVerified([
        { verified_by: "tests", success: false },
        { verified_by: "tests", success: true },
      ]),
    ).toBe(false);
  });

  test("is that of a heavier verifier, whenever it comes, and not of a lighter one", () => {
    const byAgent = { verified_by: "agent", success: true } as const;
    const byCi = { verified_by: "ci", success: false } as const;
    expect(firstVerified([byAgent, byCi])).toBe(false);
    expect(firstVerified([byCi, byAgent])).toBe(false);
  });

  test("is none that nothing proves, and none that was taken back", () => {
    const byAgent = { verified_by: "agent", success: true } as const;
    const byHuman = { verified_by: "human", success: false } as const;
    expect(firstVerified([{ ...byHuman, unproven: true }])).toBeUndefined();
    expect(firstVerified([byAgent, { ...byHuman, unproven: true }])).toBe(true);
    expect(firstVerified([byHuman, { ...byHuman, withdrawn: true }, byAgent])).toBe(true);
  });
});

describe("a trial", () => {
  test("under way says its counts, its figures and what is undecided", () => {
    const standing = trialOf("++++++-??", "+++---?");
    expect(standing.undecided).toEqual({ shown: 2, notShown: 1 });
    expect(decisionOf(standing)).toBeUndefined();
    expect(trialEvidence(settings, standing, undefined, false)).toMatchInlineSnapshot(
      `"on trial (share 0.5): 6 of 7 shown, 3 of 6 not shown, E 1.8 and Bayes factor 1.2 (20 of both decides), 3 undecided"`,
    );
  });

  test("that was stopped says so, and which trial of its advice it was", () => {
    const standing = trialOf("++", "--");
    expect(trialEvidence({ ...settings, number: 2 }, standing, undefined, true)).toMatch(
      /^trial stopped \(share 0\.5\): 2 of 2 shown, 0 of 2 not shown, .*; trial 2 of this advice$/,
    );
  });

  test("is decided by both conditions, and the decision stands whatever is verified later", () => {
    const standing = trialOf("+".repeat(16), `${"-".repeat(12)}++++`);
    const decision = decisionOf(standing);
    expect(decision).toMatchObject({ verdict: "helped", shown: { runs: 16, successes: 16 } });
    if (decision === undefined) throw new Error("it is decided");
    const decided = { ...decision, timestamp: "2026-11-20T10:00:00Z" };
    expect(trialEvidence(settings, standing, decided, false)).toMatch(
      /^helped: 16 of 16 shown, 4 of 16 not shown \(share 0\.5, E /,
    );
    const later = trialOf(`${"+".repeat(10)}${"-".repeat(6)}`, `${"-".repeat(12)}++++`);
    expect(trialEvidence(settings, later, decided, false)).toMatch(
      /; decided 2026-11-20T10:00:00Z, by today's outcomes 10 of 16 shown, 4 of 16 not shown, /,
    );
  });

  test("of claims speaks of claims", () => {
    const standing = trialOf("-".repeat(16), "+".repeat(16));
    const decision = decisionOf(standing);
    if (decision === undefined) throw new Error("it is decided");
    const decided = { ...decision, timestamp: "2026-11-20T10:00:00Z" };
    expect(trialEvidence({ ...settings, outcome: "claimed" }, standing, decided, false)).toMatch(
      /^claims fewer successes: /,
    );
  });

  test("ends without a result after 200 runs with an outcome, and says what it may have missed", () => {
    const half = "+-".repeat(50);
    const decision = decisionOf(trialOf(half, half));
    expect(decision?.verdict).toBe("no_clear_effect");
    expect(decisionOf(trialOf(half, half.slice(1)))).toBeUndefined();
    if (decision === undefined) throw new Error("it is decided");
    const evidence = trialEvidence(settings, trialOf(half, half), { ...decision, timestamp: "" }, false);
    expect(evidence).toContain("; an effect below 20 points may have been missed");
  });

  test("whose arms are verified unequally says that the checks may differ, not the work", () => {
    const unequal = trialOf(`${"+".repeat(20)}`, `+${"?".repeat(19)}`);
    expect(trialEvidence(settings, unequal, undefined, false)).toContain("; the checks may differ, not the work");
    const equal = trialOf("+++++?????", "+++++?????");
    expect(trialEvidence(settings, equal, undefined, false)).not.toContain("the checks may differ");
  });
});

test("the holdout of the brief says what the brief does", () => {
  expect(holdoutEvidence(trialOf("+".repeat(16), "-".repeat(16)))).toMatch(
    /^the brief helped: 16 of 16 shown, 0 of 16 /,
  );
  expect(holdoutEvidence(trialOf("+", "-", 0.9))).toMatch(/^open: /);
});
