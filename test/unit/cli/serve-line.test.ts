import fc from "fast-check";
import { expect, test } from "vitest";
import { allCommands, serve } from "../../../src/cli/commands/index.ts";
import { parseArguments } from "../../../src/cli/frame/parse-arguments.ts";
import { readServeLine } from "../../../src/cli/frame/serve-line.ts";
import { readSettings } from "../../../src/config.ts";

const commands = await allCommands();

const environment = { KAIZEN_RETENTION_DAYS: "30" };

/** What the command line makes of it, whole as it is; `undefined` where that is not serving. */
function settingsByCommandLine(args: readonly string[], isInteractive: boolean) {
  try {
    const parsed = parseArguments(args, { commands, defaultCommand: serve, isInteractive });
    return parsed.kind === "command" && parsed.command === serve ? readSettings(parsed, environment) : undefined;
  } catch {
    return undefined;
  }
}

test("what clients write is recognised", () => {
  const root = { value: "/a b", source: "--root" };
  for (const args of [
    ["--root", "/a b"],
    ["serve", "--root", "/a b"],
    ["--root", "/x", "--root=/a b"],
  ]) {
    expect(readServeLine(args, environment, true)?.root).toEqual(root);
  }
  expect(readServeLine(["--retention-days=7"], environment, false)?.retentionDays.value).toBe(7);
  expect(readServeLine([], environment, false)?.retentionDays.value).toBe(30);
  expect(readServeLine([], environment, true)).toBeUndefined();
});

test("it means what the command line makes of the same line, or leaves the line to it", () => {
  const word = fc.constantFrom(
    ...["serve", "--root", "--root=", "--root=/a", "--root=\n", "--retention-days", "--retention-days=x", "--json"],
    ...["--retention-days=7", "/a", "", "-", "--", "--help", "-h", "--version", "summary", "90", "--roots", "-root"],
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), fc.boolean(), (args, isInteractive) => {
      const settings = readServeLine(args, environment, isInteractive);
      if (settings !== undefined) expect(settings).toEqual(settingsByCommandLine(args, isInteractive));
    }),
    { numRuns: 2_000 },
  );
});
