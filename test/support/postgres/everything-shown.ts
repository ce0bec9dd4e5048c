import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { agentUri } from "../../../src/mcp/shown/uris.ts";
import type { Ran } from "../command.ts";
import type { Machine } from "./machine.ts";

/** What a machine shows of some agents at every door, by the door: each text as it came. */
export async function everythingShown(
  machine: Machine,
  client: Client,
  agents: readonly string[],
): Promise<Record<string, string>> {
  const shown: Record<string, string> = {};
  const tool = async (name: string, args: Record<string, unknown> = {}) => {
    shown[`tool ${name} ${args.agent ?? ""}`] = JSON.stringify(await client.callTool({ name, arguments: args }));
  };
  const resource = async (uri: string) => {
    shown[`resource ${uri}`] = JSON.stringify(await client.readResource({ uri }));
  };
  const command = async (...args: string[]) => {
    shown[args.join(" ")] = outputOf(await machine.here(args));
  };
  await tool("list_agents");
  await command("agents");
  await command("agents", "--json");
  await command("dashboard", "--json");
  for (const agent of agents) {
    await tool("get_summary", { agent });
    await tool("get_brief", { agent });
    await resource(agentUri(agent, "performance-summary"));
    await command("summary", agent);
    await command("summary", agent, "--json");
    await command("dashboard", agent, "--json");
  }
  return shown;
}

/** The page has the instant at which it was made, which is another each time. */
function outputOf({ status, stderr, stdout }: Ran): string {
  if (status !== 0 || stderr !== "") throw new Error(`ended with ${status}: ${stderr}`);
  return stdout.replace(/"generated_at": "[^"]*"/, '"generated_at": "now"');
}
