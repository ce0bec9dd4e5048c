import { lstatSync } from "node:fs";
import { type Facts, withFlags } from "../../domain/evidence/evidence.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { readWholeTranscript, WHOLE_BYTES } from "../../evidence/transcript/transcript.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { checkRun } from "../evidence/check-run.ts";
import { WorkingCopy } from "../evidence/working-copy.ts";
import { agentTypeOf, runKeyOf } from "./payload/payload.ts";
import type { HookRun } from "./project/hook-run.ts";
import { isCheckable } from "./run-end/continue-later.ts";
import { denialIn, recordFailure } from "./run-end/known-failure.ts";

/** A subagent has ended, and a hook has left the rest for later: nothing waits for this, not even the client. */
export async function subagentAfter(run: HookRun): Promise<void> {
  const { context, kaizen: open, payload } = run;
  const key = runKeyOf(payload);
  const kaizen = key === undefined ? undefined : await open();
  if (key === undefined || kaizen === undefined) return;
  const type = agentTypeOf(payload);
  const found = await kaizen.evidence.find(key, type === undefined ? undefined : await kaizen.agentOfType(type));
  if (found === undefined) return;
  const copy = await WorkingCopy.of(run);
  if (copy.settings.isForeign) return;
  const path = payload.agent_transcript_path;
  const facts = copy.settings.transcripts && path !== undefined ? await readWhole(kaizen, found.agent, key, path) : {};
  const denial = denialIn(facts);
  if (denial !== undefined && !(await kaizen.isReported(found.agent, key))) {
    const run = { agent: found.agent, key, durationS: facts.duration_s, model: facts.model };
    await recordFailure(kaizen, run, denial);
  }
  if (isCheckable({ copy, payload })) await checkRun({ context, copy, kaizen, agent: found.agent, key });
}

async function readWhole(kaizen: Kaizen, agent: AgentName, key: string, path: string): Promise<Facts> {
  const size = lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const reading = size > WHOLE_BYTES ? await readWholeTranscript(path, { key }) : undefined;
  if (reading === undefined) return {};
  const known = (await kaizen.evidence.find(key, agent))?.run.facts;
  await kaizen.evidence.note(agent, { key, ...withFlags(reading.facts, known?.flags) });
  return reading.facts;
}
