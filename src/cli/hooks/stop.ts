import { type Seen, seenWithFlags } from "../../domain/evidence/evidence.ts";
import { WorkingCopy } from "../evidence/working-copy.ts";
import type { HookRun } from "./project/hook-run.ts";

/** A run that ended longer ago was followed by other work. */
const LOOKED_BACK_MS = 24 * 3_600_000;

/** What the tests of a run say nothing of, and those of the main conversation after it may. */
const open: readonly (Seen | undefined)[] = ["untested", "stale"];

/**
 * A turn of the main conversation has ended. What its tests say of subagents that ended in it and did not test after
 * their last edit is kept: most of them leave that to it.
 */
export async function stop(run: HookRun): Promise<void> {
  const { context, kaizen: openKaizen, payload } = run;
  const { session_id, transcript_path } = payload;
  if (session_id === undefined || transcript_path === undefined) return;
  const kaizen = await openKaizen();
  if (kaizen === undefined) return;
  const copy = await WorkingCopy.of(run);
  const session = copy.settings.transcripts ? await copy.mark(`session\0${session_id}`) : undefined;
  if (session === undefined) return;
  const since = context.now() - LOOKED_BACK_MS;
  const runs = (await kaizen.evidence.lastRuns(since)).filter(
    ({ run: { endedAt, facts } }) => facts.session === session && endedAt !== undefined && open.includes(facts.seen),
  );
  if (runs.length === 0) return;
  const { readMainAfter } = await import("../../evidence/transcript/main-after.ts");
  for (const { agent, key, run } of runs) {
    const seen = readMainAfter(transcript_path, run.endedAt ?? since);
    if (seen === undefined) continue;
    await kaizen.evidence.note(agent, { key, seen: seenWithFlags(seen, run.facts.flags ?? []) });
  }
}
