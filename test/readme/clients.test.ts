import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, test } from "vitest";
import type { Client as KnownClient } from "../../src/cli/clients/client.ts";
import { clients } from "../../src/cli/clients/index.ts";
import { temporaryFolder } from "../support/places.ts";
import { checkout } from "../support/server-process.ts";
import { filledIn } from "./console.ts";
import { block, chapter, codesIn, jsonBlocks, pages, table } from "./page.ts";

interface ServerConfiguration {
  readonly type?: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Starts the server as a client does, from a working directory that says nothing, and makes the first run's call. */
async function recordFirstRun({ command, args }: ServerConfiguration): Promise<void> {
  const transport = new StdioClientTransport({ command, args: [...args], cwd: temporaryFolder(), stderr: "ignore" });
  const client = new Client({ name: "readme", version: "1" });
  await client.connect(transport);
  const call = JSON.parse(block(chapter("The first run"), "json"));
  expect(await client.callTool({ name: "record_execution", arguments: call })).not.toHaveProperty("isError");
  await client.close();
}

function expectOneRun(project: string): void {
  const log = join(project, ".kaizen", "metrics", "code-reviewer", "executions.jsonl");
  expect(readFileSync(log, "utf8").split("\n")).toHaveLength(2);
}

test.each([
  ["Claude Code", "mcpServers"],
  ["Cursor", "mcpServers"],
  ["VS Code", "servers"],
])("the configuration for %s starts a server that records a run in the project", async (client, list) => {
  const project = temporaryFolder();
  const configuration = JSON.parse(filledIn(block(chapter(client), "json"), project));
  const server: ServerConfiguration = configuration[list]["kaizen-metrics"];
  if (list === "servers") expect(server.type).toBe("stdio");
  await recordFirstRun(server);
  expectOneRun(project);
});

test("the command for Claude Code names a server that records a run in the project", async () => {
  const project = temporaryFolder();
  const [added = "", start = ""] = filledIn(block(chapter("Claude Code"), "sh"), project)
    .trim()
    .split(" -- ");
  expect(added).toBe("claude mcp add kaizen-metrics");
  const [command = "", ...args] = start.split(" ");
  await recordFirstRun({ command, args });
  expectOneRun(project);
});

test("every block of JSON parses", () => {
  for (const text of jsonBlocks()) expect(() => JSON.parse(text), text).not.toThrow();
});

test("the table of clients says which files init writes for each, in their order", () => {
  const rows = table(chapter("Clients"), "client");
  const setup = { launch: { kind: "file", path: "/main.js" }, project: "/p", windows: false, flags: [] } as const;
  const filesOf = (client: KnownClient, withHooks: boolean) =>
    client.parts({ ...setup, withHooks }).flatMap(({ file, edits }) => edits.map(({ what }) => ({ file, what })));
  expect(
    rows.map(([client = "", server = "", hooks = ""]) => [codesIn(client), codesIn(server), codesIn(hooks)]),
  ).toEqual(
    clients.map((client) => [
      [client.name],
      filesOf(client, false).map(({ file }) => file),
      filesOf(client, true).flatMap(({ file, what }) => (/^(?:hook|command|plugin)/.test(what) ? [file] : [])),
    ]),
  );
});

test("every npm command is there to be run", () => {
  const { scripts, version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const page = pages.map(({ text }) => text).join("\n");
  const named = new Set([...page.matchAll(/\bnpm (?:run )?([a-z]+(?::[a-z]+)?)/g)].map((match) => match[1] ?? ""));
  const builtIn = ["install", "uninstall", "pack", "publish", "package", "config", "prefix"];
  expect([...named].filter((name) => !builtIn.includes(name) && !Object.hasOwn(scripts, name))).toEqual([]);
  const packages = new Set(page.match(/kaizen-metrics-[\w.]+?(?=\.tgz|\.mcpb)/g));
  expect([...packages]).toEqual([`kaizen-metrics-${version}`]);
});

test("the Node.js version is the one that the package asks for", () => {
  const { engines } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  expect(chapter("Start")).toContain(`Node.js ${engines.node.replace(">=", "")} or newer`);
});
