import { describe, expect, test } from "vitest";
import { matchCommit } from "../../../src/domain/evidence/commit-match.ts";
import type { Facts } from "../../../src/domain/evidence/evidence.ts";

const [treeA, treeB, treeC] = ["a", "b", "c"].map((digit) => digit.repeat(40)) as [string, string, string];
const [one, two] = ["1", "2"].map((digit) => digit.repeat(40)) as [string, string];
const [ink, oil] = ["111111111111", "222222222222"] as const;
const checkout = "cccccccccccc";
const AT = Date.UTC(2026, 10, 22, 10);
const DAY = 86_400_000;

function commit({ contains = [] as string[], blobs = [] as string[] } = {}) {
  return { tree: treeA, at: AT, contains: (id: string) => contains.includes(id), blobs: new Set(blobs) };
}

function run(facts: Facts, endedAt = AT - 60_000): { facts: Facts; endedAt: number | undefined } {
  return { facts, endedAt };
}

function decidedBy(runs: ReturnType<typeof run>[], of = commit(), success = true) {
  const { decided, left } = matchCommit(runs, of, success);
  return { decided: decided.map(({ by }) => by), left: left.map(({ why }) => why) };
}

describe("a commit decides", () => {
  test.each([true, false])("runs that left its tree, whether it is a success (%s)", (success) => {
    const runs = [run({ tree_start: treeB, tree: treeA }), run({ tree_start: treeB, tree: treeC })];
    expect(decidedBy(runs, commit(), success)).toEqual({ decided: ["tree"], left: [] });
  });

  test("no run that found its tree and left it so", () => {
    const runs = [run({ tree_start: treeA, tree: treeA }), run({ tree: treeA, edits: 0 })];
    expect(decidedBy(runs)).toEqual({ decided: [], left: [] });
  });

  test("runs all of whose commits it contains", () => {
    const runs = [run({ commits: [one] }), run({ commits: [two, one] }), run({ commits: [] })];
    expect(decidedBy(runs, commit({ contains: [one] }))).toEqual({ decided: ["commits"], left: [] });
    expect(decidedBy(runs, commit({ contains: [one, two] }))).toEqual({ decided: ["commits", "commits"], left: [] });
  });

  test("of several by their commits none, if it has failed", () => {
    const runs = [run({ commits: [one] }), run({ commits: [two] })];
    const both = commit({ contains: [one, two] });
    expect(decidedBy(runs, both, false)).toEqual({ decided: [], left: ["several", "several"] });
    expect(decidedBy(runs.slice(1), both, false)).toEqual({ decided: ["commits"], left: [] });
    expect(decidedBy([...runs, run({ tree: treeA, edits: 1 })], both, false)).toEqual({
      decided: ["tree"],
      left: ["several", "several"],
    });
  });

  test("by files the only run whose files are all in it", () => {
    const all = commit({ blobs: [ink, oil] });
    expect(decidedBy([run({ blobs: [ink] })], all)).toEqual({ decided: ["blobs"], left: [] });
    expect(decidedBy([run({ blobs: [ink, oil] }), run({ blobs: [oil] })], all).left).toEqual(["several", "several"]);
    expect(decidedBy([run({ blobs: [ink, oil] })], commit({ blobs: [ink] })).decided).toEqual([]);
    expect(decidedBy([run({ blobs: [] })], all).decided).toEqual([]);
  });

  test("by files only a run that ended within the seven days before", () => {
    const all = commit({ blobs: [ink] });
    expect(decidedBy([run({ blobs: [ink] }, AT - 7 * DAY)], all).decided).toEqual(["blobs"]);
    expect(decidedBy([run({ blobs: [ink] }, AT - 7 * DAY - 1)], all).decided).toEqual([]);
    expect(decidedBy([run({ blobs: [ink] }, AT + DAY)], all).decided).toEqual([]);
    expect(decidedBy([{ facts: { blobs: [ink] }, endedAt: undefined }], all).decided).toEqual([]);
  });

  test("runs that shared a working copy together or not at all, and never by a failure", () => {
    const shared = (): Facts => ({ tree: treeA, edits: 1, shared: true, checkout });
    expect(decidedBy([run(shared())])).toEqual({ decided: [], left: ["shared"] });
    expect(decidedBy([run(shared()), run(shared())])).toEqual({ decided: ["tree", "tree"], left: [] });
    expect(decidedBy([run(shared()), run({ ...shared(), checkout: "dddddddddddd" })]).left).toEqual([
      "shared",
      "shared",
    ]);
    expect(decidedBy([run(shared()), run(shared())], commit(), false).left).toEqual(["shared", "shared"]);
  });
});
