import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import { DAY_MS, formatInstant } from "../../../src/domain/run/time.ts";
import { KaizenError } from "../../../src/errors.ts";
import { agentNamed } from "../../support/runs.ts";
import { appendRun } from "../../support/single-calls.ts";
import { figuresOf } from "./figures.ts";
import { openedAt } from "./opened.ts";

/**
 * One process of a crew that records on a team's store until it is told to stop. Arguments: address, project, agents.
 * Each line of stdout is a word about a run: `kept ID` if that was acknowledged, `unsure ID`, `refused ID`, or `wrong …`.
 */
const [address = "", project = "", ...agents] = process.argv.slice(2);
const CALLERS = 4;

const { runs } = openedAt(address, project);

let isOver = false;
const work = Promise.all(agents.flatMap((agent) => Array.from({ length: CALLERS }, () => record(agent))));

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "stop") {
    isOver = true;
    await work;
    say("stopped");
  } else if (line === "figures") {
    for (const agent of agents) say(`figures ${agent} ${figuresOf(await runs.overview(agentNamed(agent)))}`);
    await runs.close();
    break;
  }
}

async function record(agent: string): Promise<void> {
  for (let round = 0; !isOver; round += 1) {
    const id = `run_${randomBytes(10).toString("hex")}`;
    const reported = {
      success: round % 3 > 0,
      quality_score: (round % 7) / 7,
      // Half of them can be looked for by the caller, too.
      ...(round % 2 === 0 ? { idempotency_key: id } : {}),
    };
    const timestamp = formatInstant(Date.now() - (round % 5) * DAY_MS);
    try {
      const { execution } = await appendRun(runs, agentNamed(agent), {
        record: { ...reported, id, timestamp },
        reported,
      });
      say(execution.id === id ? `kept ${id}` : `wrong ${id} was answered with ${execution.id}`);
    } catch (error) {
      if (!(error instanceof KaizenError) || error.code !== "STORE_UNREACHABLE") say(`wrong ${error}`);
      else say(`${error.message.includes("may or may not") ? "unsure" : "refused"} ${id}`);
    }
  }
}

function say(what: string): void {
  process.stdout.write(`${what.replaceAll("\n", " ")}\n`);
}
