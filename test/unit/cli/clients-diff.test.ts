import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiff } from "../../../src/cli/clients/files/unified-diff.ts";
import { temporaryFolder } from "../../support/places.ts";

test("a change is shown with three lines around it", () => {
  const before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
  expect(unifiedDiff("x", before, before.replace("5", "five").replace("9\n", "9"))).toBe(`--- a/x
+++ b/x
@@ -2,8 +2,8 @@
 2
 3
 4
-5
+five
 6
 7
 8
-9
+9
\\ No newline at end of file
`);
});

test("no change is nothing, and a new or a gone file is told by /dev/null", () => {
  expect(unifiedDiff("x", "a\n", "a\n")).toBe("");
  expect(unifiedDiff("x", undefined, "a\nb\n")).toBe("--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  expect(unifiedDiff("x", "a\n", undefined)).toBe("--- a/x\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n");
});

const content = fc.option(
  fc
    .tuple(fc.array(fc.constantFrom("a\n", "b\n", "\n", "c\r\n"), { minLength: 1, maxLength: 30 }), fc.boolean())
    .map(([lines, isEnded]) => lines.join("") + (isEnded ? "" : "end")),
  { nil: undefined },
);

test("git makes the one text out of the other by it", () => {
  const folder = temporaryFolder();
  // All of them in one patch: a process each would take too long.
  const pairs = fc.sample(fc.tuple(content, content), 200).filter(([before, after]) => before !== after);
  const patch = pairs.map(([before, after], index) => {
    if (before !== undefined) writeFileSync(join(folder, `f${index}`), before);
    return unifiedDiff(`f${index}`, before, after);
  });
  execFileSync("git", ["apply", "--whitespace=nowarn", "-"], { cwd: folder, input: patch.join("") });
  const results = pairs.map((_, index) => {
    const path = join(folder, `f${index}`);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  });
  expect(results).toEqual(pairs.map(([, after]) => after));
});
