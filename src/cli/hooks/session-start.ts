import { askCiSeldom } from "../evidence/ask-ci-seldom.ts";
import type { HookRun } from "./hook-run.ts";
import { sessionText } from "./session-text.ts";
import { undecidedLine } from "./undecided-line.ts";

export { statusOf } from "./status.ts";

/** Of many agents only the latest are looked at, for one that declines: a conversation waits for what this takes. */
const READ_AGENTS = 24;

/** A session begins: the main conversation hears what needs attention: which agents decline, and what is undecided. */
export async function sessionStart(run: HookRun): Promise<void> {
  const { addContext, context } = run;
  if (!(await run.hasStore())) return;
  const kaizen = await context.kaizen();
  if (kaizen.isForeign()) {
    const muted = await (await import("./muted.ts")).mutedSession(kaizen, READ_AGENTS);
    if (muted !== undefined) await addContext("SessionStart", muted);
    return;
  }
  await askCiSeldom(context);
  const facts = await kaizen.sessionFacts(READ_AGENTS);
  if (facts.agents.length + facts.unread.length === 0) return;
  const undecided = await undecidedLine(run, kaizen);
  const further = [
    ...(run.isOfClaudeCode ? await (await import("./who-can-report.ts")).reportingLines(run) : []),
    ...(undecided === undefined ? [] : [`For the user, who alone can say it: ${undecided}`]),
  ];
  await addContext("SessionStart", sessionText(facts, further), undecided);
}
