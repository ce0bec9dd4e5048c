import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";

/** A server that is talked to as a client does. */
export async function connect(args: readonly string[], env: Record<string, string>): Promise<Client> {
  const client = new Client({ name: "bench", version: "1" });
  const environment = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", ...env };
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [...args],
    env: environment,
    stderr: "ignore",
  });
  await client.connect(transport);
  return client;
}
