import { lstatSync } from "node:fs";
import type { ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import { type AgentName, isSameName } from "../../domain/run/agent-name.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { readTranscript, type TranscriptReading } from "../../evidence/transcript/transcript.ts";
import { LONGEST_PAUSE_MS } from "../../evidence/transcript/worked-time.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { WorkingCopy } from "../evidence/working-copy.ts";
import { clientsWord } from "./payload/client-word.ts";
import { agentTypeOf, type Payload, runKeyOf } from "./payload/payload.ts";
import type { HookRun } from "./project/hook-run.ts";
import { continueLater } from "./run-end/continue-later.ts";
import { denialIn, recordFailure } from "./run-end/known-failure.ts";
import { type FinishedRun, noteEnd } from "./run-end/run-facts.ts";

/**
 * A subagent has ended, which was seen. How its run went is for itself to report; only where the client says that an
 * error of the API has cut it off is the outcome known without it, and recorded.
 */
export async function subagentStop(hook: HookRun): Promise<void> {
  const { context, kaizen: open, payload } = hook;
  const isOfCursor = payload.client === "cursor";
  const own = runKeyOf(payload);
  const kaizen = own === undefined ? undefined : await open();
  if (own === undefined || kaizen === undefined) return;
  // Cursor's transcript is no record that could be read.
  const path = isOfCursor ? undefined : fromHome(payload.agent_transcript_path, context.machine.home);
  const copy = await WorkingCopy.of(hook);
  const transcript = path === undefined || !copy.settings.transcripts ? undefined : readTranscript(path, { key: own });
  const found = isOfCursor
    ? await (await import("./run-end/cursor-end.ts")).runAtEnd(kaizen, payload)
    : await findRun(kaizen, payload, own, transcript);
  if (found === undefined) return;
  if (copy.settings.transcripts && path !== undefined && transcript === undefined && isThere(path)) {
    context.log.info(
      "hook subagent-stop: the transcript is no file of yours about this run, so that its facts are left out.",
    );
  }
  const { agent, key, run } = found;
  const word = clientsWord(payload);
  const durationS = word.facts.duration_s ?? durationOf(transcript, run, context.now());
  const isReported = run?.reported === true || isReportedIn(transcript, agent, key);
  const type = agentTypeOf(payload);
  // First, since looking into a long history may take longer than there is time.
  await kaizen.observe(agent, {
    key,
    event: "ended",
    ...(type === undefined || type === agent ? {} : { agent_type: plainLine(type, 200) }),
    ...(durationS === undefined ? {} : { duration_s: durationS }),
    ...(isReported ? { reported: true } : {}),
  });
  const ended = { agent, key, durationS, reading: transcript, said: word.facts };
  const [noted] = await Promise.allSettled([noteEnd(kaizen, copy, ended, payload, context.now())]);
  if (noted.status === "fulfilled") continueLater({ context, copy, path, payload, ...ended }, noted.value?.facts);
  if (!isReported) {
    const failure = word.failure ?? transcript?.failure ?? denialIn(transcript?.facts);
    if (failure !== undefined)
      await recordFailure(kaizen, { agent, key, durationS, model: transcript?.facts.model }, failure);
    // It may have been reported before a hook saw it, or in other words than ours.
    if (await kaizen.isReported(agent, key)) await kaizen.observe(agent, { key, event: "reported" });
  }
  // A run is none the less recorded for facts that could not be kept.
  if (noted.status === "rejected") throw noted.reason;
}

/** A client that keeps no transcripts may name one all the same. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * Whose run it is. Clients end agents of their own in the same way, for suggestions say, without a type or under the
 * session's: those were never seen to begin, and have no transcript.
 */
async function findRun(
  kaizen: Kaizen,
  payload: Payload,
  key: string,
  transcript: TranscriptReading | undefined,
): Promise<FinishedRun | undefined> {
  const type = agentTypeOf(payload);
  const seen = await kaizen.findObservedRun(key, type === undefined ? undefined : await kaizen.agentOfType(type));
  if (seen !== undefined) return { ...seen, key };
  if (transcript === undefined) return undefined;
  const agent = await kaizen.agentOfType(type ?? transcript.agentType() ?? "");
  return agent === undefined ? undefined : { agent, key, run: undefined };
}

/**
 * A run's duration in s: by the client's record of it, to the millisecond; without a record since a hook saw it begin,
 * to the second. If a hook saw it end before, the agent has gone on after a pause: a long time has that pause in it,
 * and its length is unknown.
 */
function durationOf(
  transcript: TranscriptReading | undefined,
  run: ObservedRun | undefined,
  now: number,
): number | undefined {
  const worked = transcript?.worked;
  if (worked === "unread") return undefined;
  if (worked !== undefined) return worked / 1000;
  if (run === undefined) return undefined;
  const since = Math.max(0, now - run.firstSeenAt);
  return run.ended && since > LONGEST_PAUSE_MS ? undefined : Math.round(since / 1000);
}

function isReportedIn(transcript: TranscriptReading | undefined, agent: AgentName, key: string): boolean {
  return transcript?.reports.some((report) => report.key === key || isSameName(agent, report.agent)) ?? false;
}

function fromHome(path: string | undefined, home: string | undefined): string | undefined {
  return path !== undefined && home !== undefined && /^~[\\/]/.test(path) ? home + path.slice(1) : path;
}
