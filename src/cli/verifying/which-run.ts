import { isRunId } from "../../domain/run/execution.ts";
import { KaizenError } from "../../errors.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { UndecidedRun } from "../../kaizen/verification/verify.ts";
import { quoted } from "../../messages/names.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { expectKnownAgent } from "../input/known-agent.ts";
import type { Style } from "../terminal/style.ts";
import { hanging } from "../terminal/text-width.ts";
import type { AskForKey } from "./pick-key.ts";
import { runLine } from "./run-line.ts";

const self = { name: "verify" };
const SHOWN_RUNS = 9;

export interface NamedRun {
  readonly agent: string;
  readonly id: string;
}

/** The run of AGENT RUN, or of RUN alone; fails if the line names no run. */
export async function runNamed(
  kaizen: Kaizen,
  { agent, run }: { readonly agent: string | undefined; readonly run: string | undefined },
): Promise<NamedRun> {
  if (agent === undefined) {
    throw usageError("verify needs AGENT and RUN, or --last, --pick or --undo.", self);
  }
  if (run === "") throw usageError("RUN is empty: give the run's id, e.g. run_5d1f0c83a92e47b6d015.", self);
  if (run !== undefined) return { agent: await expectKnownAgent(kaizen, agent), id: run };
  if (!isRunId(agent)) throw usageError("verify needs RUN behind AGENT, or --last, --pick or --undo.", self);
  const found = await kaizen.verifying.findRun(agent);
  if (found !== undefined) return { agent: found.agent, id: agent };
  throw new KaizenError("NOT_FOUND", `There is no run ${JSON.stringify(agent)}, or it has expired.`, {
    hint: "Take the id from the receipt of the run, or from kaizen-metrics runs.",
  });
}

/** The newest undecided run, or of nine the one that a person picks if they are asked; `undefined` if they pick none. */
export async function undecidedRun(
  kaizen: Kaizen,
  agent: string | undefined,
  ask?: AskForKey,
): Promise<UndecidedRun | undefined> {
  const which =
    agent === undefined ? {} : { agent: (await kaizen.lookUp(await expectKnownAgent(kaizen, agent))).agent };
  const runs = await kaizen.verifying.undecided(ask === undefined ? 1 : SHOWN_RUNS, which);
  const [newest] = runs;
  if (newest === undefined) {
    const whose = agent === undefined ? "No run" : `No run of ${quoted(agent)}`;
    throw new KaizenError("NOT_FOUND", `${whose} is undecided.`, {
      hint: "A run that was verified is named: kaizen-metrics verify AGENT RUN.",
    });
  }
  if (ask === undefined) return newest;
  const question = (style: Style) => {
    const lines = runs.map((run, index) => `  ${index + 1}  ${hanging(runLine(run, style), 5, style)}\n`);
    return `${lines.join("")}Which one? 1${runs.length === 1 ? "" : ` to ${runs.length}`}, or q for none. `;
  };
  const key = await ask(question);
  return key !== undefined && /^[1-9]$/.test(key) ? runs[Number(key) - 1] : undefined;
}

/** What a person says by a key of how a run came out; `undefined` if they say neither. */
export async function saidOutcome(ask: AskForKey): Promise<boolean | undefined> {
  const key = (await ask(() => "Did it reach its goal? y or n, or q to leave it. "))?.toLowerCase();
  return key === "y" ? true : key === "n" ? false : undefined;
}
