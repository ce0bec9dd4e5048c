import { randomBytes } from "node:crypto";
import { formatInstant } from "../../../src/domain/run/time.ts";
import { KaizenError } from "../../../src/errors.ts";
import { parseAddress } from "../../../src/storage/postgres/server/url.ts";
import { CuttingProxy, type Verdict as CutVerdict } from "../../support/postgres/cutting-proxy.ts";
import { agentNamed } from "../../support/runs.ts";
import { appendRun } from "../../support/single-calls.ts";
import { figuresOf } from "./figures.ts";
import { openedAt } from "./opened.ts";
import { rowsOf } from "./rows.ts";
import { judgeRows, type Said, type Verdict } from "./verdict.ts";

const AGENTS = ["coder", "reviewer"];
/** A message of a statement that writes; those of a connect are shorter. */
const LEAST_BYTES = 300;
const CALLERS = 8;

export interface CutsOptions {
  /** Of the server, past the proxy. */
  readonly address: string;
  readonly project: string;
  readonly random: () => number;
  /** So many connections are cut at least. */
  readonly cuts: number;
}

/** Several stores record at once through a proxy that cuts connections: before, within and after a statement. */
export async function cutConnections({ address, cuts: wanted, project, random }: CutsOptions): Promise<Verdict> {
  const proxy = await CuttingProxy.before(parseAddress(address).hosts[0].port);
  const cuts = { before: 0, within: 0, after: 0, "in the answer": 0 };
  const all = () => Object.values(cuts).reduce((sum, count) => sum + count, 0);
  let isOver = false;
  const counted = (kind: keyof typeof cuts, verdict: CutVerdict): CutVerdict => {
    cuts[kind] += 1;
    return verdict;
  };
  proxy.onRequest = (bytes) => {
    if (isOver || bytes.length < LEAST_BYTES) return "pass";
    const dice = random();
    if (dice < 0.05) return counted("before", "cut");
    if (dice < 0.1) return counted("within", "passHalfAndCut");
    return dice < 0.2 ? counted("after", "passAndCut") : "pass";
  };
  proxy.onAnswer = () => (isOver || random() >= 0.02 ? "pass" : counted("in the answer", "passHalfAndCut"));
  const through = address.replace(/@[^/]+\//, `@127.0.0.1:${proxy.port}/`);
  const stores = [openedAt(through, project), openedAt(through, project)];
  const said: Said[] = [];
  const record = async (caller: number) => {
    const { runs } = stores[caller % stores.length] ?? openedAt(address, project);
    for (let round = 0; all() < wanted; round += 1) {
      const id = `run_${randomBytes(10).toString("hex")}`;
      const reported = { success: round % 2 === 0, ...(round % 3 === 0 ? { idempotency_key: id } : {}) };
      const record = { ...reported, id, timestamp: formatInstant(Date.now()) };
      const agent = agentNamed(AGENTS[(caller >> 1) % AGENTS.length] ?? "");
      said.push(await outcomeOf(id, appendRun(runs, agent, { record, reported })));
    }
  };
  try {
    await Promise.all(Array.from({ length: CALLERS }, (_, caller) => record(caller)));
    isOver = true;
    const figures: string[][] = [];
    for (const { runs } of stores) {
      const ofOne: string[] = [];
      for (const agent of AGENTS) ofOne.push(`${agent} ${figuresOf(await runs.overview(agentNamed(agent)))}`);
      figures.push(ofOne);
      await runs.close();
    }
    const rows = await rowsOf(address);
    const verdict = await judgeRows(rows.query, { address, project, said, figures });
    await rows.end();
    const kinds = Object.entries(cuts).map(([kind, count]) => [
      `cut ${kind}${kind.startsWith("in") ? "" : " a statement"}`,
      count,
    ]);
    return { ...verdict, counts: { "connections cut": all(), ...Object.fromEntries(kinds), ...verdict.counts } };
  } finally {
    proxy.close();
  }
}

async function outcomeOf(
  id: string,
  call: Promise<{ execution: { id: string | undefined }; duplicate: boolean }>,
): Promise<Said> {
  try {
    const { duplicate, execution } = await call;
    if (execution.id === id && !duplicate) return { word: "kept", id, line: "" };
    return { word: "wrong", id, line: `${id} was answered with ${execution.id}${duplicate ? " as a duplicate" : ""}` };
  } catch (error) {
    if (!(error instanceof KaizenError) || error.code !== "STORE_UNREACHABLE") {
      return { word: "wrong", id, line: String(error) };
    }
    return { word: error.message.includes("may or may not") ? "unsure" : "refused", id, line: "" };
  }
}
