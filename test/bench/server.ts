import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { median } from "./measure.ts";
import { start } from "./processes.ts";

const START_ROUNDS = 15;

const clientInfo = { name: "bench", version: "1" };

/** What a client says first, by its era. */
const firstRequests = {
  initialize: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
  "server/discover": {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": clientInfo,
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};

/** Medians (ms) from spawn to the first answer in each era, and of an empty process, in turns. */
export async function measureStart(server: string, root: string) {
  const toFirstAnswer = async (method: keyof typeof firstRequests) => {
    const begun = performance.now();
    const started = start([server, "--root", root], { cwd: root, stderr: "ignore" });
    const request = { jsonrpc: "2.0", id: 1, method, params: firstRequests[method] };
    started.child.stdin?.write(`${JSON.stringify(request)}\n`);
    const answer = JSON.parse(await started.line());
    const ms = performance.now() - begun;
    if (answer.error !== undefined) throw new Error(`${method}: ${answer.error.message}`);
    started.child.stdin?.end();
    await started.exit();
    return ms;
  };
  const [nothing, legacy, modern]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round <= START_ROUNDS; round += 1) {
    const begun = performance.now();
    await start(["-e", "0"]).exit();
    const empty = performance.now() - begun;
    const answered = [await toFirstAnswer("initialize"), await toFirstAnswer("server/discover")] as const;
    // The first of each fills the caches of the machine.
    if (round === 0) continue;
    nothing.push(empty);
    legacy.push(answered[0]);
    modern.push(answered[1]);
  }
  return { nothing: median(nothing), legacy: median(legacy), modern: median(modern) };
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
