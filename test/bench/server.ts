import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { start } from "./processes.ts";

const START_ROUNDS = 15;

const initialize = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "bench", version: "1" } },
});

/** Times (ms) from spawn to the answer to `initialize`, and of an empty process, in turns. */
export async function measureStart(
  server: string,
  root: string,
): Promise<{ initialized: number[]; nothing: number[] }> {
  const [initialized, nothing]: [number[], number[]] = [[], []];
  for (let round = 0; round <= START_ROUNDS; round += 1) {
    let begun = performance.now();
    const started = start([server, "--root", root], { cwd: root, stderr: "ignore" });
    started.child.stdin?.write(`${initialize}\n`);
    await started.line();
    const answered = performance.now() - begun;
    started.child.stdin?.end();
    await started.exit();
    begun = performance.now();
    await start(["-e", "0"]).exit();
    // The first of each fills the caches of the machine.
    if (round > 0) {
      initialized.push(answered);
      nothing.push(performance.now() - begun);
    }
  }
  return { initialized, nothing };
}

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
