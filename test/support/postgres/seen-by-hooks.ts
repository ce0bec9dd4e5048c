import { readFileSync } from "node:fs";
import type { Ran } from "../command.ts";
import type { Machine } from "./machine.ts";

/** For a project's `.mcp.json`: hooks speak of projects only in which a client is set up. */
export const clientSettings = JSON.stringify({
  mcpServers: { "kaizen-metrics": { command: "node", args: ["/opt/kaizen-metrics/dist/main.js"] } },
});

/** A run of which hooks see begin and end, with payloads as the client documents them; and what it does in between. */
export async function seenByHooks(
  machine: Machine,
  { agent, key, run = machine.here, work }: { agent: string; key: string; run?: Machine["here"]; work?: () => void },
): Promise<Ran[]> {
  const ran: Ran[] = [];
  for (const name of ["subagent-start", "subagent-stop"]) {
    const written = readFileSync(new URL(`../../fixtures/hooks/${name}.json`, import.meta.url), "utf8");
    const payload = JSON.parse(written.replaceAll("PROJECT", machine.root).replaceAll("TRANSCRIPTS", machine.home));
    const stdin = JSON.stringify({ ...payload, agent_id: key, agent_type: agent });
    const env = { CLAUDE_PROJECT_DIR: machine.root };
    ran.push(await run(["hook", name, "--limit", "600000"], { stdin, env }));
    if (name === "subagent-start") work?.();
  }
  return ran;
}
