import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agentNameSchema, existingAgentNameSchema, foldAgentName, twinForm } from "../../src/domain/run/agent-name.ts";

describe("the name of an agent", () => {
  test.each([
    "a",
    "code-reviewer",
    "Code Reviewer",
    "team_a.reviewer@2+x",
    "Prüfer",
    "レビュー担当",
    "агент",
    "console",
    "common",
    "optimizers",
    "v1.2",
    "-x",
    "x".repeat(64),
  ])("may be %j", (name) => {
    expect(agentNameSchema.parse(name)).toBe(name.normalize("NFC"));
  });

  test.each([
    ["", /0 characters/],
    ["x".repeat(65), /65 characters/],
    [".hidden", /begin with a dot/],
    ["..", /dot/],
    ["a..b", /two dots/],
    ["a/b", /letters, digits/],
    ["../../etc/passwd", /letters, digits/],
    ["a\\b", /letters, digits/],
    ["C:", /letters, digits/],
    ["a\u0000b", /letters, digits/],
    ["a\nb", /letters, digits/],
    ["a\u007fb", /letters, digits/],
    ["a\u202eb", /letters, digits/],
    ["a\u200bb", /letters, digits/],
    ["😀", /letters, digits/],
    ["a*b", /letters, digits/],
    ["trailing.", /end with a dot/],
    ["trailing ", /space/],
    [" leading", /space/],
    ["\u0301a", /combining mark/],
    ["CON", /device/],
    ["nul.txt", /device/],
    ["Com1", /device/],
    ["lpt¹", /device/],
    ["optimizer", /reserved/],
    ["Optimizer", /reserved/],
    ["漢".repeat(64).concat("漢"), /65 characters/],
    ["\u{20000}".repeat(60), /200 bytes/],
  ])("may not be %j", (name, reason) => {
    const result = agentNameSchema.safeParse(name);
    expect(result.success).toBe(false);
    expect(result.error?.issues[0]?.message).toMatch(reason);
  });

  test("is kept in NFC, so that two spellings of one name are one agent", () => {
    expect(agentNameSchema.parse("Pru\u0308fer")).toBe("Pr\u00fcfer");
  });

  test("is always one path component that is not the parent and not hidden", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.webPath()), (text) => {
        const result = agentNameSchema.safeParse(text);
        if (!result.success) return;
        expect(result.data).not.toMatch(/[/\\\p{C}:*?"<>|]/u);
        expect(result.data).not.toMatch(/^\.|\.\.|[. ]$|^ /);
        expect(new TextEncoder().encode(result.data).length).toBeLessThanOrEqual(200);
      }),
    );
  });

  test("meets other spellings of itself when folded", () => {
    expect(foldAgentName("Reviewer")).toBe(foldAgentName("rEVIEWER"));
    expect(foldAgentName("ﬁx")).toBe(foldAgentName("fix"));
    expect(foldAgentName("a")).not.toBe(foldAgentName("b"));
  });
});

describe("the name of a folder that is already there", () => {
  test.each(["has:colon", "CON", "a..b", "ends.", "😀"])("may be %j, which we would not give", (name) => {
    expect(existingAgentNameSchema.parse(name)).toBe(name);
  });

  test.each(["", ".locks", "..", "a/b", "a\\b", "a\u0000", "a\nb", "optimizer", "x".repeat(256)])(
    "may not be %j",
    (name) => {
      expect(existingAgentNameSchema.safeParse(name).success).toBe(false);
    },
  );
});

test.each([
  ["test-writer", "test_writer", true],
  ["test-writer", "Test Writer", true],
  ["test-writer", "testwriter.", true],
  ["v1.2", "V1-2", true],
  ["agent-1", "agent_1", true],
  ["agent-1", "agent-2", false],
  ["agent-1-1", "agent-11", false],
  ["v1.2", "v12", false],
  ["test-writer", "test-writers", false],
  ["a+b", "ab", false],
])("%s and %s are near twins: %s", (name, other, are) => {
  expect(twinForm(name) === twinForm(other)).toBe(are);
});
