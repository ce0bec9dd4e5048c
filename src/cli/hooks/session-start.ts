import type { Kaizen } from "../../kaizen/kaizen.ts";
import { askCiSeldom } from "../evidence/ask-ci-seldom.ts";
import type { HookRun } from "./project/hook-run.ts";
import type { Reporting } from "./project/who-can-report.ts";
import { type Besides, sessionText } from "./texts/session-text.ts";
import { undecidedLine } from "./texts/undecided-line.ts";

/** Of many agents only the latest are looked at, for one that declines: a conversation waits for what this takes. */
const READ_AGENTS = 24;

/** A session begins: the main conversation hears what needs attention: which agents decline, and what is undecided. */
export async function sessionStart(run: HookRun): Promise<void> {
  const { addContext, context } = run;
  const isBegun = await run.hasStore();
  // What Claude Code's settings say is asked for it alone, and nothing of a project that takes no part.
  const kaizen = isBegun ? await context.kaizen() : run.isOfClaudeCode ? await run.kaizen() : undefined;
  if (kaizen === undefined) return;
  if (isBegun && kaizen.isForeign()) {
    const muted = await (await import("./texts/muted.ts")).mutedSession(kaizen, READ_AGENTS);
    if (muted !== undefined) await addContext("SessionStart", muted);
    return;
  }
  const reporting = run.isOfClaudeCode
    ? await (await import("./project/who-can-report.ts")).reportingOf(run)
    : undefined;
  if (isBegun) await askCiSeldom(context);
  const facts = isBegun ? await kaizen.sessionFacts(READ_AGENTS) : undefined;
  if (facts === undefined || facts.agents.length + facts.unread.length === 0) {
    if (reporting !== undefined && !reporting.canReport)
      await addContext("SessionStart", `kaizen-metrics: no run yet. ${reporting.lines.join(" ")}\n`);
    return;
  }
  const undecided = await undecidedLine(run, kaizen);
  const further = undecided === undefined ? [] : [undecided.toAgent];
  await addContext("SessionStart", sessionText(facts, await besides(kaizen, reporting, further)), undecided?.toUser);
}

/** In the store an agent may have another name than the client has for it. */
async function besides(kaizen: Kaizen, reporting: Reporting | undefined, further: readonly string[]): Promise<Besides> {
  if (reporting === undefined) return { further, canReport: true, unable: new Set() };
  const { lines, canReport, unable } = reporting;
  const names = await Promise.all(unable.map((type) => kaizen.agentOfType(type)));
  return { further: [...lines, ...further], canReport, unable: new Set(names) };
}
