import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { mcpbCommand } from "../../src/build/mcpb/command.ts";
import { fillMcpbFolder } from "../../src/build/mcpb/folder.ts";
import { temporaryFolder } from "../support/places.ts";
import { ServerProcess } from "../support/server-process.ts";

// `npm run bundle:mcpb` has the bundle validated and packed, and starts what it unpacks. Here it is the same folder.

test("the bundle's command starts a server with the tools of the manifest", async () => {
  const folder = join(temporaryFolder(), "a client's extension $& folder");
  fillMcpbFolder(folder);
  const described = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8"));
  expect(described).toMatchObject({ version: manifest.version, compatibility: { runtimes: { node: ">=20.19" } } });

  const project = temporaryFolder();
  const server = new ServerProcess({ ...mcpbCommand(folder, { project, retention_days: "" }), cwd: temporaryFolder() });
  await server.initialize();
  const { result } = await server.request("tools/list");
  const tools = result?.tools as ReadonlyArray<{ name: string; description: string }>;
  expect(tools.map(({ name, description }) => ({ name, description }))).toEqual(described.tools);
  await server.callTool("record_execution", { agent: "packer", success: true });
  expect(existsSync(join(project, ".kaizen"))).toBe(true);
  expect(server.stderr).not.toContain("runs kept");
});

test("the days that a person chose arrive", async () => {
  const folder = join(temporaryFolder(), "extension");
  fillMcpbFolder(folder);
  const chosen = mcpbCommand(folder, { project: temporaryFolder(), retention_days: "30" });
  expect(chosen.env).toEqual({ KAIZEN_RETENTION_DAYS: "30" });
  expect(mcpbCommand(folder, { project: "x" }).env).toEqual({ KAIZEN_RETENTION_DAYS: "180" });
});
