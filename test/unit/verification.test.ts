import { describe, expect, test } from "vitest";
import {
  addVerification,
  contradictionIn,
  foldVerifications,
  outcomeOf,
  reportedVerificationSchema,
  standingWords,
  type Verification,
  type VerifiedRun,
  verificationSchema,
} from "../../src/domain/verification/verification.ts";
import { noneUnproven, viewVerified } from "../../src/domain/verification/verified-view.ts";
import { idOf, timestampOf } from "../support/histories.ts";

const verification = (ordinal: number, verifier: Verification["verified_by"], success: boolean, claimed = true) => ({
  agent: "a",
  execution_id: idOf(ordinal),
  verified_by: verifier,
  success,
  timestamp: timestampOf(100),
  claimed,
  executed_at: timestampOf(ordinal),
});

function runOf(...verifications: Verification[]): VerifiedRun {
  const run = verifications.reduce<VerifiedRun | undefined>(addVerification, undefined);
  if (run === undefined) throw new Error("no verifications");
  return run;
}

describe("a verified run", () => {
  test("has the outcome that the verification found, whatever it claimed", () => {
    expect(outcomeOf(runOf(verification(1, "tests", false)))).toBe(false);
    expect(outcomeOf(runOf(verification(1, "agent", true, false)))).toBe(true);
  });

  test("counts the later check of the same verifier, in the order of the file", () => {
    const run = runOf(verification(1, "ci", false), verification(1, "ci", true));
    expect(outcomeOf(run)).toBe(true);
    expect(contradictionIn(run)).toBeUndefined();
  });

  test.each([
    [["human", "ci"], "human"],
    [["tests", "ci"], "ci"],
    [["agent", "tests"], "tests"],
  ] as const)("takes of %j the word of %s", ([first, second], decisive) => {
    for (const success of [true, false]) {
      const verifications = [first, second].map((verifier) =>
        verification(1, verifier, verifier === decisive ? success : !success),
      );
      expect(outcomeOf(runOf(...verifications))).toBe(success);
      expect(outcomeOf(runOf(...verifications.toReversed()))).toBe(success);
    }
  });

  test("says where verifiers contradict each other, and who counts", () => {
    const run = runOf(verification(1, "tests", true), verification(1, "agent", true), verification(1, "human", false));
    expect(contradictionIn(run)).toBe(
      "Verifiers contradict each other: success by tests, agent; failure by human. human counts.",
    );
  });

  test("has no contradiction where verifiers agree", () => {
    expect(contradictionIn(runOf(verification(1, "tests", false), verification(1, "ci", false)))).toBeUndefined();
  });
});

describe("what is said of a run", () => {
  const unproven = { unproven: true } as const;
  const withdrawn = { withdrawn: true } as const;

  test("is told apart by what proves it, and a line says all of it", () => {
    const run = runOf(verification(1, "human", false), { ...verification(1, "human", true), ...unproven });
    expect(run).toMatchObject({ verifications: { human: false }, unproven: { human: true } });
    const line = { ...verification(1, "ci", true), earlier: run.verifications, earlier_unproven: run.unproven };
    expect(runOf(line)).toMatchObject({ verifications: { human: false, ci: true }, unproven: { human: true } });
    expect(runOf({ ...verification(1, "human", true), ...unproven })).toMatchObject({ verifications: {} });
  });

  test("is over once it is taken back, whatever was said of it before, until something else is said", () => {
    const no = verification(1, "human", false);
    const said = [no, { ...no, success: true }, { ...no, ...unproven }, { ...no, ...withdrawn }];
    expect(runOf(...said)).toMatchObject({ verifications: {}, unproven: { human: false } });
    expect(outcomeOf(runOf(...said))).toBe(true);
    expect(standingWords(said)).toEqual([{ ...no, ...unproven }]);
    expect(standingWords([...said, { ...no }])).toEqual([{ ...no, ...unproven }, no]);
  });

  test("leaves a line without what later versions add as it was, and reads a door that it does not know", () => {
    const line = { ...verification(1, "human", true), via: "telepathy", unproven: true, weight: 3 };
    const { via, weight: _, ...known } = line;
    expect(verificationSchema.parse(line)).toEqual({ ...known, via: undefined });
    expect(verificationSchema.parse(verification(1, "ci", true))).toEqual(verification(1, "ci", true));
    expect(via).toBe("telepathy");
  });
});

test("the view sums up the runs that are meant, each once", () => {
  const runs = foldVerifications([
    verification(1, "tests", false),
    verification(2, "tests", true),
    verification(2, "ci", true),
    verification(3, "ci", false, false),
    verification(4, "human", false),
    verification(4, "ci", true),
  ]);
  expect([...runs.keys()]).toEqual([1, 2, 3, 4].map(idOf));
  expect(viewVerified(runs.values(), (run) => run.executionId !== idOf(1))).toEqual({
    verified: { runs: 3, successes: 1 },
    claimedSuccesses: 2,
    contradictions: 1,
    unproven: noneUnproven(),
    outcomes: new Map([
      [idOf(2), true],
      [idOf(3), false],
      [idOf(4), false],
    ]),
  });
});

test("a verification names its verifier by one of four words", () => {
  const input = { agent: "a", execution_id: idOf(1), success: true, verified_by: "me" };
  expect(reportedVerificationSchema.safeParse(input).success).toBe(false);
  expect(reportedVerificationSchema.safeParse({ ...input, verified_by: "human" }).success).toBe(true);
});
