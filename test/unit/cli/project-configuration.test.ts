import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { isConfigured } from "../../../src/cli/hooks/project/project-configuration.ts";
import { fastTemporaryFolder } from "../../support/places.ts";

function projectWith(file: string, text: string): string {
  const project = fastTemporaryFolder();
  mkdirSync(dirname(join(project, file)), { recursive: true });
  writeFileSync(join(project, file), text);
  return project;
}

const program = "/opt/kaizen-metrics/dist/main.js";
const entry = { command: "node", args: [program, "--root", "."] };
const line = `node ${program} hook subagent-start --root .`;
const servers = (list: string, of: object = entry) => JSON.stringify({ [list]: { "kaizen-metrics": of } });
const flat = (handler: object) => JSON.stringify({ version: 1, hooks: { subagentStart: [handler] } });

test.each([
  [".github/hooks/kaizen-metrics.json", flat({ type: "command", bash: line, powershell: line })],
  [".cursor/hooks.json", flat({ command: line, matcher: "Task" })],
  [".cursor/mcp.json", servers("mcpServers")],
  [".vscode/mcp.json", servers("servers", { type: "stdio", ...entry })],
  [".gemini/settings.json", servers("mcpServers")],
  ["opencode.json", servers("mcp", { type: "local", command: ["node", program], enabled: true })],
  [".opencode/plugins/kaizen-metrics.js", `// Written by init\nconst PROGRAM = ["node", "${program}"];\n`],
  [".zed/settings.json", `// Zed\n${servers("context_servers", { source: "custom", ...entry })}`],
  [".amp/settings.json", servers("amp.mcpServers")],
  [".kiro/settings/mcp.json", servers("mcpServers")],
])("a project takes part once %s starts us", (file, text) => {
  expect(isConfigured(projectWith(file, text))).toBe(true);
  // A mere mention, another program under our name, or a file that is broken is not enough.
  const others = [
    text.replaceAll(program, "/opt/kaizen-metrics/other.js"),
    text.replaceAll("node", "python3"),
    text.slice(0, text.indexOf(program)),
    "kaizen-metrics",
  ];
  for (const other of others) expect(isConfigured(projectWith(file, other))).toBe(false);
});
