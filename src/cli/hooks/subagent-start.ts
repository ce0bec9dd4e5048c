import type { Facts } from "../../domain/evidence/evidence.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { WorkingCopy } from "../evidence/working-copy.ts";
import { boundedLines, MAX_CONTEXT_BYTES } from "./limits/bounded-text.ts";
import { waitAWhile } from "./limits/deadline.ts";
import { agentTypeOf, runKeyOf } from "./payload/payload.ts";
import type { HookRun } from "./project/hook-run.ts";
import { reportingLine, reportingTool } from "./texts/reporting-line.ts";

/** The part of the time that the brief has for itself: it is to speak of the runs before this one. */
const BRIEF_GOES_FIRST = 0.6;

/** A subagent begins: it is given its brief, and how its run is reported; and it was seen. */
export async function subagentStart(run: HookRun): Promise<void> {
  const { addContext, context, kaizen: open, leftMs, payload } = run;
  const key = runKeyOf(payload);
  const type = agentTypeOf(payload);
  const kaizen = type === undefined ? undefined : await open();
  if (type === undefined || kaizen === undefined) return;
  const agent = await kaizen.agentOfType(type);
  if (agent === undefined) return;
  // That the run is noted may be the project's first write. Git's marks are made with a secret, and do not wait for it.
  if (key !== undefined) (await context.trust()).claim();
  // Reading waits for no writer, so the agent gets its brief even if the lifecycle event does not get its turn. But if
  // a long history has to be read again, the brief may take longer than there is time: then the event goes first.
  const told = startingContext(run, kaizen, agent, key, type).then((text) => addContext("SubagentStart", text));
  // Git is at work meanwhile: most of the time it takes is not ours.
  const stood = key === undefined ? undefined : workingCopyAtStart(run);
  // If it fails before anything waits for it, the brief is given all the same.
  stood?.catch(() => {});
  if (key === undefined) {
    await told;
    context.log.info("hook subagent-start: the payload has no usable agent_id, so the run was not noted.");
    return;
  }
  await waitAWhile(told, BRIEF_GOES_FIRST * leftMs());
  const seen = kaizen.observe(agent, {
    key,
    event: "started",
    ...typeBeside(agent, type),
  });
  const evident = noteFacts(kaizen, agent, key, stood);
  for (const one of await Promise.allSettled([told, seen, evident])) if (one.status === "rejected") throw one.reason;
}

async function workingCopyAtStart(run: HookRun): Promise<Facts> {
  return (await WorkingCopy.of(run)).atStart();
}

async function noteFacts(
  kaizen: Kaizen,
  agent: AgentName,
  key: string,
  found: Promise<Facts> | undefined,
): Promise<void> {
  const { config_start: config, ...facts } = (await found) ?? {};
  // A client may take an agent up again: what decides its tests is compared with how that was at first.
  const known = config === undefined ? undefined : (await kaizen.evidence.find(key, agent))?.run.facts;
  const config_start = known?.config_start ?? config;
  if (Object.keys(facts).length === 0 && config_start === undefined) return;
  await kaizen.evidence.note(agent, { key, ...facts, ...(config_start === undefined ? {} : { config_start }) });
}

/** The brief, and how the run is reported. A run that was held out gets no brief. */
async function startingContext(
  hook: HookRun,
  kaizen: Kaizen,
  agent: AgentName,
  key: string | undefined,
  type: string,
): Promise<string> {
  const isReported = key !== undefined && (await kaizen.isReported(agent, key));
  // An agent is not asked for what it cannot do. That it ran is seen all the same.
  const isAsked =
    !hook.isOfClaudeCode || (await (await import("./project/who-can-report.ts")).canReportRun(hook)).kind === "can";
  const tool = reportingTool(hook.payload.client, hook.isOfPlugin);
  const howToReport = isAsked ? reportingLine({ agent, key, isReported, tool }) : "";
  const run = key === undefined ? undefined : { key, ...typeBeside(agent, type) };
  const brief = kaizen.isForeign()
    ? await (await import("./texts/muted.ts")).mutedBrief(kaizen, agent)
    : await kaizen.brief(agent, "short", run);
  const left = MAX_CONTEXT_BYTES - Buffer.byteLength(howToReport) - 1;
  return [boundedLines(brief, left), howToReport].filter((part) => part !== "").join("\n");
}

/** What the client calls the agent, if that is another name. */
function typeBeside(agent: AgentName, type: string): { agent_type?: string } {
  return type === agent ? {} : { agent_type: plainLine(type, 200) };
}
