import { mkdtempSync, rmSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { createLog } from "../../src/log.ts";
import { createServer } from "../../src/mcp/server.ts";
import { StdioTransport } from "../../src/mcp/stdio/stdio.ts";
import { openKaizen } from "../../src/open-kaizen.ts";

const source = fileURLToPath(new URL("../../src/", import.meta.url));

/**
 * The files of `src` of which a function runs while a warm server records one run: from its line of JSON-RPC to the disk
 * and back. Counted by V8's precise coverage.
 */
export async function filesPassedByARun(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "kaizen-census-"));
  const kaizen = openKaizen({ projectRoot: folder });
  const input = new PassThrough();
  const output = new PassThrough();
  const { server } = createServer({ version: "0.0.0", log: createLog(() => {}), openKaizen: async () => kaizen });
  await server.connect(new StdioTransport({ input, output }));
  const call = (id: number, method: string, params: object) =>
    new Promise<void>((resolve) => {
      output.once("data", () => resolve());
      input.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    });
  const clientInfo = { name: "census", version: "1" };
  await call(1, "initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo });
  const record = (id: number) =>
    call(id, "tools/call", { name: "record_execution", arguments: { agent: "census", success: true } });
  for (let id = 2; id < 20; id += 1) await record(id);
  const passed = await filesRunDuring(() => record(20));
  await server.close();
  await kaizen.close();
  rmSync(folder, { recursive: true });
  return passed;
}

async function filesRunDuring(work: () => Promise<void>): Promise<string[]> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await session.post("Profiler.takePreciseCoverage");
  await work();
  const { result } = await session.post("Profiler.takePreciseCoverage");
  session.disconnect();
  return result
    .filter(({ functions }) => functions.some(({ ranges }) => ranges.some(({ count }) => count > 0)))
    .flatMap(({ url }) => (url.startsWith("file:") ? fileURLToPath(url) : []))
    .filter((path) => path.startsWith(source))
    .map((path) => path.slice(source.length))
    .sort();
}
