import { expect, test } from "vitest";
import { allCommands } from "../../../src/cli/commands/index.ts";
import { defineCommand } from "../../../src/cli/frame/define-command.ts";
import { usageOf } from "../../../src/cli/frame/usage.ts";

const commands = await allCommands();

test("a usage follows from what a command takes", () => {
  const command = defineCommand({
    name: "try",
    group: "read",
    summary: "",
    positionals: {
      what: { required: true, choices: ["this", "that"], description: "" },
      agent: { rest: true, description: "" },
    },
    flags: {
      yes: { type: "boolean", or: "no", description: "" },
      no: { type: "boolean", description: "" },
      by: { type: "string", value: "NAME", required: true, description: "" },
      form: { type: "string", value: "FORM", choices: ["a", "b"], description: "" },
      task: { type: "string", value: "TEXT", within: "FILTERS", description: "" },
      model: { type: "string", value: "TEXT", within: "FILTERS", description: "" },
      set: { type: "string", value: "KEY=VALUE", multiple: true, description: "" },
    },
    usedWith: ["root"],
    examples: [],
    run: async () => ({ value: null, text: () => "" }),
  });
  expect(usageOf(command)).toBe(
    "try this|that [AGENT...] [--yes | --no] --by NAME [--form a|b] [FILTERS] [--set KEY=VALUE ...] [--root DIR]",
  );
});

test("one of two that exclude each other is needed where the command needs it", () => {
  const usages = commands.map(usageOf);
  expect(usages).toContain("prune (AGENT | --all) [--dry-run] [--retention-days DAYS]");
});

test("what a flag excludes is a flag of the command", () => {
  for (const { flags, name, positionals } of commands) {
    for (const { or } of [...Object.values(flags), ...Object.values(positionals)]) {
      if (or !== undefined) expect(`${name} ${Object.keys(flags).join(" ")}`).toContain(or);
    }
  }
});

test("only a command of several forms says by itself how it is used", () => {
  expect(commands.filter(({ usage }) => usage !== undefined).map(({ name }) => name)).toEqual([
    "verify",
    "void",
    "agents",
    "recommendations",
    "store",
    "export",
    "import",
    "init",
  ]);
});
