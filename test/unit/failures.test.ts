import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readRun } from "../../src/adr004/run-line.ts";
import { failureSignature } from "../../src/domain/history/failure-signature.ts";
import { clusterFailures, noteFailure } from "../../src/domain/history/failures.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import { recordsOf, timestampOf, viewOf } from "../support/histories.ts";
import { forbiddenCharacters, hostileText, hugeTexts } from "../support/hostile-text.ts";

describe("the signature of a failure", () => {
  test.each([
    ["numbers and durations", "timed out after 30.5s, attempt 3 of 5", "timed out after 12s, attempt 1 of 3"],
    ["POSIX paths", "no such file /home/a/x.json", "no such file /var/lib/b/y.json"],
    ["relative paths", "in src/app/a.ts:12:5", "in test/b.ts:3"],
    ["Windows paths", "no such file C:\\Users\\a\\x.json", "no such file D:\\b.json"],
    ["network paths", "no such file \\\\server\\share\\x", "no such file \\\\other\\y\\z"],
    ["addresses", "GET https://api.example/v1?id=3 failed", "GET http://localhost:8080/x failed"],
    ["hexadecimal numbers", "segfault at 0xDEADBEEF", "segfault at 0x0"],
    ["commits", "merge of a1b2c3d failed", "merge of 0f9e8d7c6b failed"],
    ["UUIDs", "job 550e8400-e29b-41d4-a716-446655440000 gone", "job 123e4567-e89b-12d3-a456-426614174000 gone"],
    ["double quotes", 'no key "alpha"', 'no key "beta gamma"'],
    ["single quotes", "can't find 'a'", "can't find 'bc'"],
    ["back quotes", "no column `a`", "no column `b`"],
    ["typographic quotes", "no “a”", "no “b”"],
    ["dates", "expired 2026-11-22T10:00:00Z", "expired 2025-01-01"],
    ["addresses with ports", "ECONNREFUSED 127.0.0.1:5432", "ECONNREFUSED 10.0.0.7:80"],
    ["white space", "one  two\nthree", "one two three"],
  ])("does not depend on %s", (_, one, other) => {
    expect(failureSignature("E", one)).toBe(failureSignature("E", other));
  });

  test.each([
    ["can't open file /usr/lib/x.py: it's gone", "E: can't open file <path>: it's gone"],
    ["got 5 and/or I/O on utf8", "E: got <n> and/or I/O on utf<n>"],
    ["expected 'a', got 'b'", "E: expected <text>, got <text>"],
    ["HTTP 500 from https://x.example/a?b=1&c", "E: HTTP <n> from <url>"],
    ["run_00ff00ff00ff00ff00ff gone", "E: run_<id> gone"],
  ])("of %j is %j", (message, signature) => {
    expect(failureSignature("E", message)).toBe(signature);
  });

  test("tells failures of another type or another message apart", () => {
    expect(failureSignature("A", "x")).not.toBe(failureSignature("B", "x"));
    expect(failureSignature("A", "cannot read")).not.toBe(failureSignature("A", "cannot write"));
  });

  test("says so where nothing was said", () => {
    expect(failureSignature("", "")).toBe("unspecified");
    expect(failureSignature("Timeout", "")).toBe("Timeout");
    expect(failureSignature("", "\u200b \n")).toBe("unspecified");
  });

  test("is one bounded line, whatever the text", () => {
    fc.assert(
      fc.property(hostileText, hostileText, (type, message) => {
        const signature = failureSignature(type, message);
        expect([...signature].length).toBeLessThanOrEqual(200);
        expect(signature).not.toMatch(forbiddenCharacters);
        expect(signature).not.toBe("");
      }),
    );
  });

  test("takes time in proportion to the text, also to a hostile one", () => {
    const patterns = [
      "\"'`",
      "'a ",
      "/a",
      "a/",
      "\\",
      "0x",
      "0a",
      "-0",
      "a-",
      "<n>",
      "a://",
      "aaaaaaaa-",
      ".",
      "“",
      "a.a/",
    ];
    const texts = [...patterns.map((pattern) => pattern.repeat(8000 / pattern.length)), ...hugeTexts];
    const started = performance.now();
    for (const text of texts) failureSignature(text, text);
    // A few milliseconds each; a quadratic expression would take minutes. The limit is wide for a busy machine.
    expect((performance.now() - started) / texts.length).toBeLessThan(100);
  });
});

describe("the note of a failure", () => {
  const noteOf = (record: JsonObject) => {
    const run = readRun({ success: false, timestamp: timestampOf(1), ...record });
    if (run === undefined) throw new Error("it is a run");
    return noteFailure(run, 7);
  };

  test("holds when, which and in which words", () => {
    expect(noteOf({ error_type: "Timeout", error: "after 30 s\nat x" })).toEqual({
      at: Date.UTC(2026, 10, 1),
      ordinal: 7,
      signature: "Timeout: after <n> s at x",
      example: "Timeout: after 30 s at x",
    });
  });

  test("survives being written as JSON, and stays small", () => {
    fc.assert(
      fc.property(hostileText, (error) => {
        const note = noteOf({ error });
        expect(JSON.parse(JSON.stringify(note))).toEqual(note);
        expect([...note.example].length).toBeLessThanOrEqual(200);
        expect(note.example).not.toMatch(forbiddenCharacters);
      }),
    );
  });

  test("takes nothing from what is no text", () => {
    expect(noteOf({ error: { code: 5 }, error_type: 7 })).toMatchObject({ signature: "unspecified", example: "" });
  });
});

describe("clusters of failures", () => {
  const clustersOf = async (picture: string, error: (ordinal: number) => string) => {
    const records = recordsOf(picture, (ordinal, success) => (success ? {} : { error: error(ordinal) }));
    return clusterFailures((await viewOf(records)).failures, records.length);
  };

  test("come worst first, each with when and an example", async () => {
    const clusters = await clustersOf("-+-+-", (ordinal) => (ordinal === 3 ? "disk full" : `timeout ${ordinal}`));
    expect(clusters).toEqual([
      {
        signature: "timeout <n>",
        count: 2,
        first_seen: timestampOf(1),
        last_seen: timestampOf(5),
        example: "timeout 5",
        back_after: null,
        runs_since: 0,
      },
      {
        signature: "disk full",
        count: 1,
        first_seen: timestampOf(3),
        last_seen: timestampOf(3),
        example: "disk full",
        back_after: null,
        runs_since: 2,
      },
    ]);
  });

  test("of equal size come latest first", async () => {
    const clusters = await clustersOf("--", (ordinal) => ["first", "second"][ordinal - 1] ?? "");
    expect(clusters.map((cluster) => cluster.signature)).toEqual(["second", "first"]);
  });

  test.each([
    ["-- ++++++++++++ -", 12],
    ["-- ++++++++++++ - - -", 12],
    ["- +++++ - ++++++++ -+-", 8],
    ["- ++++ -", null],
    ["-----", null],
    ["- ++++++++++++", null],
  ])("say of %s that it is back after %s runs", async (picture, runs) => {
    expect((await clustersOf(picture, () => "same"))[0]?.back_after).toBe(runs);
  });

  test("count runs that failed otherwise as clean of this failure", async () => {
    const clusters = await clustersOf("- ----- -", (ordinal) => (ordinal === 1 || ordinal === 7 ? "same" : "other"));
    expect(clusters.find((cluster) => cluster.signature === "same")?.back_after).toBe(5);
  });

  test("hold every failure once", () => {
    const note = fc.record({ signature: fc.constantFrom("a", "b", "c"), example: fc.string() });
    fc.assert(
      fc.property(fc.array(note), (notes) => {
        const clusters = clusterFailures(
          notes.map((one, index) => ({ ...one, ordinal: index + 1 })),
          notes.length,
        );
        expect(clusters.reduce((sum, cluster) => sum + cluster.count, 0)).toBe(notes.length);
        expect(new Set(clusters.map((cluster) => cluster.signature)).size).toBe(clusters.length);
        const counts = clusters.map((cluster) => cluster.count);
        expect(counts).toEqual(counts.toSorted((a, b) => b - a));
      }),
    );
  });

  test("of runs without a timestamp do not say when", async () => {
    const view = await viewOf([{ success: false, error: "x" }]);
    expect(clusterFailures(view.failures, 1)).toMatchObject([{ first_seen: null, last_seen: null }]);
  });
});
