import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";
import { temporaryProject, writeHistory } from "./history.ts";
import { inMs, measureInTurns, times } from "./measure.ts";
import { physicalAppend } from "./physical.ts";
import type { Bench } from "./recording.ts";
import { connect } from "./server.ts";
import type { Row } from "./table.ts";

const absent = (what: string, why: string): Row => ({ what, figure: "not measured", against: why, ratio: "" });

/** What others need for one record, where they are at hand. */
export async function benchPeers({ sizes }: Bench): Promise<Row[]> {
  return [...benchPython(sizes), ...(await benchMemoryServer(sizes))];
}

function benchPython(sizes: readonly number[]): Row[] {
  const script = fileURLToPath(new URL("./full-rewrite.py", import.meta.url));
  const rows: Row[] = [];
  for (const runs of sizes) {
    const project = temporaryProject();
    writeHistory(project.root, Math.max(1, runs), 100);
    const log = logPath(project.root, REVIEWER);
    const repetitions = runs >= 100_000 ? 3 : 20;
    const what = `Python, reading all and adding one, at ${runs.toLocaleString("en")} runs`;
    try {
      const summary = join(dirname(log), "summary.json");
      const ms = Number(execFileSync("python3", [script, log, summary, String(repetitions)], { encoding: "utf8" }));
      rows.push({ what, figure: inMs(ms), against: "one record by the store: above", ratio: "" });
    } catch {
      rows.push(absent(what, "python3 is not there"));
      break;
    } finally {
      project.remove();
    }
  }
  return rows;
}

/** Through the protocol on both sides: one call that adds one thing, at a size that a memory server still bears. */
async function benchMemoryServer(sizes: readonly number[]): Promise<Row[]> {
  const what = "one record through the protocol";
  const server = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
  if (!existsSync(server)) return [absent(what, "dist/main.js is not built")];
  const folder = temporaryProject();
  try {
    const options = { cwd: folder.root, stdio: "ignore" } as const;
    execFileSync(
      "npm",
      ["install", "--no-audit", "--no-fund", "--prefix", folder.root, "@modelcontextprotocol/server-memory"],
      options,
    );
  } catch {
    folder.remove();
    return [absent("@modelcontextprotocol/server-memory", "npm could not install it")];
  }
  const memoryServer = join(folder.root, "node_modules/@modelcontextprotocol/server-memory/dist/index.js");
  const rows: Row[] = [];
  for (const size of sizes.filter((runs) => runs <= 10_000)) {
    const project = temporaryProject();
    if (size > 0) writeHistory(project.root, size, 100);
    const memoryFile = join(project.root, "memory.jsonl");
    writeFileSync(
      memoryFile,
      Array.from({ length: size }, (_, n) => `${JSON.stringify(entity(`before ${n}`))}\n`).join(""),
    );
    const ours = await connect([server, "--root", project.root], {});
    const theirs = await connect([memoryServer], { MEMORY_FILE_PATH: memoryFile });
    let n = 0;
    const figures = await measureInTurns(
      {
        physical: physicalAppend(project.root),
        ours: () =>
          call(ours, "record_execution", { agent: "reviewer", success: true, quality_score: 0.5, task: "review" }),
        theirs: () => call(theirs, "create_entities", { entities: [entity(`new ${++n}`)] }),
      },
      { count: 50, warmUp: 10 },
    );
    await ours.close();
    await theirs.close();
    project.remove();
    const against = `@modelcontextprotocol/server-memory, create_entities, not flushed: ${inMs(figures.theirs.medianMs)}; write + fdatasync: ${inMs(figures.physical.medianMs)}`;
    rows.push({
      what: `${what}, at ${size.toLocaleString("en")} before it`,
      figure: inMs(figures.ours.medianMs),
      against,
      ratio: times(figures.ours.medianMs / figures.theirs.medianMs),
    });
  }
  folder.remove();
  return rows;
}

function entity(name: string) {
  return {
    type: "entity",
    name,
    entityType: "run",
    observations: ["succeeded after 12.5 s, quality 0.5, task review"],
  };
}

/** An answer that is an error would be measured as a fast one. */
async function call(client: Client, name: string, args: Record<string, unknown>): Promise<void> {
  const answer = await client.callTool({ name, arguments: args });
  if (answer.isError === true) throw new Error(`${name} failed: ${JSON.stringify(answer.content)}`);
}
