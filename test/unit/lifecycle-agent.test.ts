import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agentOfType } from "../../src/domain/coverage/lifecycle-agent.ts";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { hostileText } from "../support/hostile-text.ts";
import { agentNamed } from "../support/runs.ts";

describe("the name of an agent that a client calls by a type of its own", () => {
  test.each([
    ["general-purpose", "general-purpose"],
    ["Explore", "Explore"],
    ["Code Reviewer", "Code Reviewer"],
    ["my-plugin:reviewer", "my-plugin+reviewer"],
    ["a:b:c", "a+b+c"],
    ["pru\u0308fer", "pr\u00fcfer"],
    // FNV-1a of "../../x", counted by another implementation.
    ["../../x", "x+5d8c685d"],
    ["optimizer", "optimizer+e2f47934"],
    ["con", "con+f08dd14b"],
    ["::", "++"],
    ["??", "agent+12fa26a3"],
  ])("of type %s is %s", (type, name) => {
    expect(agentOfType(type, [])).toBe(name);
  });

  test("is none where there is no type", () => {
    expect([agentOfType("", []), agentOfType(" \n", [])]).toEqual([undefined, undefined]);
  });

  test("is that of an agent that is there already and differs only in case or spelling", () => {
    const known = [agentNamed("explore"), agentNamed("writer")];
    expect(agentOfType("Explore", known)).toBe("explore");
    expect(agentOfType("Explore", [...known, agentNamed("Explore")])).toBe("Explore");
  });

  test("is a safe name, always the same, whatever the type", () => {
    fc.assert(
      fc.property(hostileText, (type) => {
        const name = agentOfType(type, []);
        expect(name).toBe(agentOfType(type, []));
        if (name !== undefined) expect(agentNameSchema.parse(name)).toBe(name);
      }),
    );
    for (const type of ["x/".repeat(10_000), "\u{20000}:".repeat(300), "a".repeat(65)]) {
      expect(agentNameSchema.safeParse(agentOfType(type, [])).success).toBe(true);
    }
  });

  test("keeps types apart that differ only in what a name may not hold", () => {
    const names = ["a/b", "a\\b", "a b/", "a-b", "a:b", "a?b"].map((type) => agentOfType(type, []));
    expect(new Set(names).size).toBe(6);
  });
});
