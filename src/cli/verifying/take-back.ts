import { isRunId } from "../../domain/run/execution.ts";
import type { Verification } from "../../domain/verification/verification.ts";
import { KaizenError } from "../../errors.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import type { StandingWord } from "../../kaizen/verification/verify.ts";
import { quoted } from "../../messages/names.ts";
import { expectKnownAgent } from "../input/known-agent.ts";
import { runNamed } from "./which-run.ts";

/** Which word is to be taken back. */
export interface Undo {
  readonly agent: string | undefined;
  readonly run: string | undefined;
  /** Whether only words that prove nothing may be: an agent takes back no more than it can say. */
  readonly onlyUnproven: boolean;
}

/** The last word by a door of people that stands: of the named run, or of any among the latest. */
export async function wordToTakeBack(kaizen: Kaizen, { agent, onlyUnproven, run }: Undo): Promise<StandingWord> {
  const isMeant = ({ unproven }: Verification) => !onlyUnproven || unproven === true;
  const isOfPeople = (word: Verification) => isMeant(word) && (word.via === "cli" || word.via === "prompt");
  if (run === undefined && (agent === undefined || !isRunId(agent))) {
    const which =
      agent === undefined ? {} : { agent: (await kaizen.lookUp(await expectKnownAgent(kaizen, agent))).agent };
    return (await kaizen.verifying.lastWord(isOfPeople, which)) ?? nothing(undefined, onlyUnproven);
  }
  const { agent: name, id } = await runNamed(kaizen, { agent, run });
  const { agent: known } = await kaizen.lookUp(name);
  // What an earlier version kept does not say by which door it came.
  const isPossible = (word: Verification) => isOfPeople(word) || (isMeant(word) && word.via === undefined);
  return (await kaizen.verifying.lastWordOf(known, id, isPossible)) ?? nothing(id, onlyUnproven);
}

function nothing(id: string | undefined, onlyUnproven: boolean): never {
  const of = id === undefined ? "the latest runs" : quoted(id);
  const what = onlyUnproven
    ? "Nothing that an agent's shell may take back was said of"
    : "Nothing was said by a person of";
  throw new KaizenError("NOT_FOUND", `${what} ${of}, or it was taken back.`, {
    hint: "Name the run to take back what was said of an older one: kaizen-metrics verify AGENT RUN --undo.",
  });
}
