import { expect, test } from "vitest";
import type { Client, Setup } from "../../../src/cli/clients/client.ts";
import { claudeCode } from "../../../src/cli/clients/known/claude-code.ts";
import { codex } from "../../../src/cli/clients/known/codex.ts";
import { initText } from "../../../src/cli/init/report.ts";
import { plainStyle } from "../../../src/cli/terminal/style.ts";

const shared = "The files name the package in node_modules, and can be shared once it is in package.json.";

/** What `init` says below the files that it has written. */
function told(client: Client, more: Partial<Setup>): string {
  const launch = { kind: "local", path: "node_modules/kaizen-metrics/dist/main.js" } as const;
  const setup: Setup = { launch, project: "C:\\src\\app", windows: true, withHooks: true, flags: [], ...more };
  const plan = client.parts(setup).map(({ file }) => ({
    ...{ file, path: file, target: file, action: "create" as const, parts: [], diff: "" },
    ...{ expectPossible: () => {}, carryOut: () => () => {} },
  }));
  const facts = { notes: [], project: setup.project, isRemoval: false, isDryRun: false, hasStore: false };
  return initText(
    { ...facts, wanted: [{ client, setup }], launch, plan, choices: {}, problems: [], isTeams: false },
    plainStyle,
  );
}

test("files that can be shared are told from those with a path of this machine", () => {
  expect(told(claudeCode, { windows: false, project: "/src/app" })).toContain(`\n${shared}\n`);
  expect(told(claudeCode, { withHooks: false })).toContain(`\n${shared}\n`);
  expect(told(codex, {})).toContain(`\n${shared}\n`);
  expect(told(claudeCode, {})).toContain(
    `\n${shared}\nBut .claude/settings.json has your folder's path: leave it out of commits.\n`,
  );
});
