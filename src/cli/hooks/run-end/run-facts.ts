import type { ObservedRun } from "../../../domain/coverage/lifecycle-event.ts";
import { allFlags, type Facts, withFlags } from "../../../domain/evidence/evidence.ts";
import { type AgentName, isSameName } from "../../../domain/run/agent-name.ts";
import { formatInstant } from "../../../domain/run/time.ts";
import type { TranscriptReading } from "../../../evidence/transcript/transcript.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";
import type { WorkingCopy } from "../../evidence/working-copy.ts";
import type { Payload } from "../payload/payload.ts";

/** A run whose end a hook has come for. */
export interface FinishedRun {
  readonly agent: AgentName;
  readonly key: string;
  /** What hooks saw of it before; `undefined` if that is nothing. */
  readonly run: ObservedRun | undefined;
}

/** A run that has ended, with what is known of it from elsewhere than its own report. */
export interface EndedFacts {
  readonly agent: AgentName;
  readonly key: string;
  readonly durationS: number | undefined;
  readonly reading: TranscriptReading | undefined;
  /** What the client itself says of it. */
  readonly said: Facts;
}

/**
 * Keeps what the transcript and git show of a run that has ended, and gives all that is known of it. Nothing is kept if
 * both are switched off.
 */
export async function noteEnd(
  kaizen: Kaizen,
  copy: WorkingCopy,
  { agent, durationS, key, reading, said }: EndedFacts,
  { session_id }: Payload,
  now: number,
) {
  const { git, transcripts } = copy.settings;
  if (!git && !transcripts) return undefined;
  const before = (await kaizen.evidence.find(key, agent))?.run;
  const known = before?.facts;
  const [ofGit, session] = await Promise.all([
    copy.atEnd(before),
    session_id === undefined ? undefined : copy.mark(`session\0${session_id}`),
  ]);
  const isNothingSeen = known === undefined && reading === undefined && Object.keys(said).length === 0;
  const isNothingKnown = isNothingSeen && (ofGit.git_left_out ?? "no_git") === "no_git";
  // Where nothing can be seen of a run, a line would only say that it was.
  if (isNothingKnown && ofGit.tree === undefined) return undefined;
  const seen = withFlags({ ...said, ...reading?.facts }, allFlags(known?.flags, ofGit.flags));
  const report = reading?.reports.findLast((one) => isSameName(agent, one.agent) && one.key !== key);
  const startedAt = reading?.startedAt;
  return kaizen.evidence.note(agent, {
    key,
    ended: formatInstant(now),
    ...(startedAt === undefined ? {} : { first_seen: formatInstant(startedAt) }),
    ...(durationS === undefined ? {} : { duration_s: durationS }),
    ...ofGit,
    ...seen,
    ...(report?.id === undefined ? {} : { execution_id: report.id }),
    ...(session === undefined ? {} : { session }),
  });
}
