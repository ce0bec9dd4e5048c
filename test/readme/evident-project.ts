import { realpathSync } from "node:fs";
import { join } from "node:path";
import type { Facts } from "../../src/domain/evidence/evidence.ts";
import { agentNameSchema } from "../../src/domain/run/agent-name.ts";
import { formatInstant } from "../../src/domain/run/time.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { ClientFolder } from "../support/past-transcripts.ts";
import { kaizenOver, NOW } from "./demo-project.ts";

const MIGRATOR = agentNameSchema.parse("migrator");
const HOUR_MS = 3_600_000;

/** What was seen of each run, whether it claims success, and what CI found; a run that never reported claims nothing. */
const history: readonly (readonly [seen: NonNullable<Facts["seen"]>, claim?: boolean, verdict?: boolean])[] = [
  ...Array.from({ length: 10 }, (_, index) => ["green", true, index !== 3] as const),
  ...Array.from({ length: 7 }, () => ["untested", true] as const),
  ["stale", true],
  ["turned_red", true],
  ["red", false],
  ["green"],
  ["untested"],
];

/** A project whose hooks have read the transcripts of an agent's runs. */
export async function writeEvidentProject(root: string): Promise<void> {
  const store = createJsonlStore({ projectRoot: root, now: () => NOW, retentionDays: 180, onNotice: () => {} });
  const kaizen = kaizenOver(store);
  for (const [index, [seen, claim, verdict]] of history.entries()) {
    const key = `k${index}`;
    const ended = formatInstant(NOW - (history.length - index) * HOUR_MS);
    await kaizen.evidence.note(MIGRATOR, { key, first_seen: ended, ended, ...measured(index), seen });
    if (claim === undefined) continue;
    const run = { agent: MIGRATOR, success: claim, idempotency_key: key, timestamp: ended };
    const { id } = await kaizen.record(run);
    if (verdict === undefined) continue;
    const found = { agent: MIGRATOR, execution_id: id ?? "", success: verdict, verified_by: "ci" } as const;
    await kaizen.verify(found, { via: "ci" });
  }
  await kaizen.close();
}

function measured(index: number): Facts {
  return {
    client: "claude-code",
    model: "claude-sonnet-4-5",
    duration_s: 80 + 5 * (index % 7),
    tokens: { input: 310, output: 4_200 + 100 * (index % 5), cache_read: 412_000, cache_write: 38_000 },
    cost_usd: 0.31 + 0.01 * (index % 4),
    price_table: "2026-11",
    tools: 22,
    tool_errors: index % 3,
    denied: 0,
    edits: 6,
    files: 3,
  };
}

/** Three subagents of yesterday, whose transcripts Claude Code has kept in the home folder beside the project. */
export async function writePastRuns(project: string): Promise<void> {
  const root = realpathSync(project);
  const client = new ClientFolder(join(root, "..", "home", ".claude"));
  for (const key of ["a3f9c2d17be4", "b8044e61f7aa"]) client.add(root, key, { type: "migrator" });
  client.add(root, "c1d2e3f4a5b6", { type: "planner" });
}
