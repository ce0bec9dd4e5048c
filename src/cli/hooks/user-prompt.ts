import { plainLine } from "../../domain/text/plain-text.ts";
import { KaizenError } from "../../errors.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { outcomeSentence, outcomeWord } from "../../messages/verification.ts";
import { forgedHook } from "../caller/caller.ts";
import { hookRunBy } from "../clients/entry/hook-command.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { runLine } from "../verifying/run-line.ts";
import { commandIn, type PromptCommand } from "./payload/prompt-command.ts";
import type { HookRun } from "./project/hook-run.ts";

/** So much of a reason is kept: who says more pastes something. */
const MAX_WHY_CHARACTERS = 1_000;

/**
 * A person has said how the newest undecided run came out. The prompt is kept from the model, which has nothing to do
 * about it; its user reads what was noted.
 */
export async function userPrompt({ blockPrompt, context, kaizen: open, payload }: HookRun): Promise<void> {
  const command = commandIn(payload);
  if (command === undefined) return;
  const isOurLine = (line: string) => hookRunBy({ type: "command", command: line }) === "user-prompt";
  const forged = forgedHook(context, isOurLine);
  if (forged !== undefined) {
    await blockPrompt(`Nothing was noted: ${forged}. Say it in a terminal of your own: kaizen-metrics verify --last.`);
    return;
  }
  const kaizen = await open();
  await blockPrompt(
    kaizen === undefined ? "Nothing was noted: this project has no runs." : await noted(context, kaizen, command),
  );
}

async function noted(
  context: Pick<CommandContext, "when">,
  kaizen: Kaizen,
  { success, why }: PromptCommand,
): Promise<string> {
  const [run] = await kaizen.verifying.undecided(1);
  if (run === undefined) return "Nothing was noted: no run is undecided.";
  const evidence = plainLine(why, MAX_WHY_CHARACTERS);
  const { agent, id: execution_id } = run;
  const word = {
    agent,
    execution_id,
    success,
    verified_by: "human",
    ...(evidence === "" ? {} : { evidence }),
  } as const;
  try {
    const receipt = await kaizen.verify(word, { via: "prompt" });
    return [
      `Noted: ${outcomeWord(success)} by human, of ${runLine(run, context)}.`,
      outcomeSentence(receipt),
      "Not that one? kaizen-metrics verify --undo takes it back.",
    ].join("\n");
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    return `Nothing was noted: ${error.message}`;
  }
}
