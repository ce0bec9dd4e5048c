import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AdviceEntry,
  foldRecommendations,
  isRealChange,
  type RecommendationEvent,
  recommendationChangeSchema,
  recommendationStatusSchema,
} from "../../src/domain/coaching/recommendation.ts";
import { KaizenError } from "../../src/errors.ts";
import { idOf, timestampOf } from "../support/histories.ts";

const REC = `rec_${"a".repeat(20)}`;

const entry = (...recommendations: AdviceEntry["recommendations"]): AdviceEntry => ({
  timestamp: timestampOf(5),
  agent: "reviewer",
  metrics_count: 5,
  recommendations,
});

const event = (change: RecommendationEvent["change"], ordinal: number, more: Partial<RecommendationEvent> = {}) => ({
  id: REC,
  change,
  timestamp: timestampOf(ordinal),
  execution_count: ordinal,
  after_execution: idOf(ordinal),
  ...more,
});

const standing = (...events: RecommendationEvent[]) =>
  foldRecommendations([entry({ id: REC, title: "Run the tests first", priority: 1 })], events)[0];

describe("a recommendation", () => {
  test("begins as a proposal", () => {
    expect(standing()).toEqual({
      id: REC,
      agent: "reviewer",
      title: "Run the tests first",
      detail: undefined,
      priority: 1,
      safety: false,
      status: "proposed",
      proposed: { timestamp: timestampOf(5), execution_count: 5, after_execution: null },
      changedAt: timestampOf(5),
      note: undefined,
      adopted: undefined,
      trial: undefined,
    });
  });

  test("knows the run after which it was proposed, where an event says so", () => {
    expect(standing(event("proposed", 5))?.proposed.after_execution).toBe(idOf(5));
  });

  test("is adopted with its baseline and note", () => {
    const before = { runs: 4, successes: 2, left_out: 1 };
    expect(standing(event("adopted", 7, { before, note: "in prompt 4" }))).toMatchObject({
      status: "adopted",
      note: "in prompt 4",
      changedAt: timestampOf(7),
      adopted: { timestamp: timestampOf(7), execution_count: 7, after_execution: idOf(7), before },
    });
  });

  test.each([
    [["rejected"], "rejected"],
    [["superseded"], "superseded"],
    [["adopted", "rejected"], "rejected"],
    [["adopted", "superseded"], "superseded"],
    [["rejected", "reopened"], "proposed"],
    [["rejected", "reopened", "adopted"], "adopted"],
    [["adopted", "reopened"], "proposed"],
    [["superseded", "reopened", "rejected"], "rejected"],
  ] as const)("that was %j is %s", (changes, status) => {
    const now = standing(...changes.map((change, index) => event(change, 6 + index)));
    expect(now?.status).toBe(status);
    expect(now?.adopted === undefined).toBe(status !== "adopted");
  });

  test("keeps to the first of two changes that exclude each other", () => {
    expect(standing(event("rejected", 6), event("adopted", 7))).toMatchObject({
      status: "rejected",
      changedAt: timestampOf(6),
    });
    expect(standing(event("adopted", 6), event("adopted", 9))?.adopted?.execution_count).toBe(6);
  });

  test("takes no notice of what happened to another one", () => {
    expect(standing(event("adopted", 6, { id: `rec_${"b".repeat(20)}` }))?.status).toBe("proposed");
  });

  test("by another writer shows what reads like a title, and cannot be changed", () => {
    const all = foldRecommendations(
      [entry({ recommendation: "Be brief" }, { title: "x\n# y", priority: "high", id: 7 }, { what: [1] })],
      [event("adopted", 6, { id: "" })],
    );
    expect(all).toMatchObject([
      { id: null, title: "Be brief", status: "proposed" },
      { id: null, title: "x # y", priority: undefined },
      { id: null, title: '{"what":[1]}' },
    ]);
  });
});

describe("a change", () => {
  const attempt = (status: "proposed" | "adopted" | "rejected" | "superseded", change: "adopted" | "reopened") =>
    isRealChange({ id: REC, status }, change);

  test("that is asked for twice is no change the second time", () => {
    expect(attempt("adopted", "adopted")).toBe(false);
    expect(attempt("proposed", "reopened")).toBe(false);
  });

  test("of what was given up goes through reopening", () => {
    expect(() => attempt("rejected", "adopted")).toThrow(KaizenError);
    expect(() => attempt("rejected", "adopted")).toThrow(`${REC} is rejected; it cannot become adopted from there.`);
    expect(attempt("rejected", "reopened")).toBe(true);
  });

  test("is accepted exactly where folding it changes something", () => {
    const changes = recommendationChangeSchema.options;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...changes), { maxLength: 6 }),
        fc.constantFrom(...changes),
        (past, next) => {
          const events = past.map((change, index) => event(change, index + 6));
          const before = standing(...events);
          const after = standing(...events, event(next, 50));
          if (before === undefined || after === undefined) throw new Error("it is there");
          let isReal = false;
          try {
            isReal = isRealChange(before, next);
          } catch (error) {
            if (!(error instanceof KaizenError)) throw error;
          }
          expect(after.changedAt === timestampOf(50)).toBe(isReal);
          expect(recommendationStatusSchema.options).toContain(after.status);
        },
      ),
    );
  });
});
