import { lstatSync } from "node:fs";
import type { ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { type Failure, failureOf } from "../../evidence/transcript/run-record.ts";
import { readTranscript, type TranscriptReading } from "../../evidence/transcript/transcript.ts";
import { LONGEST_PAUSE_MS } from "../../evidence/transcript/worked-time.ts";
import type { Kaizen } from "../../kaizen/kaizen.ts";
import { WorkingCopy } from "../evidence/working-copy.ts";
import { continueLater } from "./continue-later.ts";
import type { HookRun } from "./hook-run.ts";
import { denialIn, recordFailure } from "./known-failure.ts";
import { agentTypeOf, type Payload, runKeyOf } from "./payload.ts";
import { noteEnd } from "./run-facts.ts";

/**
 * A subagent has ended, which was seen. How its run went is for itself to report; only where the client says that an
 * error of the API has cut it off is the outcome known without it, and recorded.
 */
export async function subagentStop(hook: HookRun): Promise<void> {
  const { context, kaizen: open, payload } = hook;
  const key = runKeyOf(payload);
  const kaizen = key === undefined ? undefined : await open();
  if (key === undefined || kaizen === undefined) return;
  const path = fromHome(payload.agent_transcript_path, context.machine.home);
  const copy = await WorkingCopy.of(hook);
  const transcript = path === undefined || !copy.settings.transcripts ? undefined : readTranscript(path, { key });
  const found = await findRun(kaizen, payload, key, transcript);
  if (found === undefined) return;
  if (copy.settings.transcripts && path !== undefined && transcript === undefined && isThere(path)) {
    context.log.info(
      "hook subagent-stop: the transcript is no file of yours about this run, so that its facts are left out.",
    );
  }
  const { agent, run } = found;
  const durationS = durationOf(transcript, run, context.now());
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
  const ended = { agent, key, durationS, reading: transcript };
  const [noted] = await Promise.allSettled([noteEnd(kaizen, copy, ended, payload, context.now())]);
  if (noted.status === "fulfilled") continueLater({ context, copy, path, payload, ...ended }, noted.value?.facts);
  if (!isReported) {
    const failure = failureIn(payload, transcript) ?? denialIn(transcript?.facts);
    if (failure !== undefined)
      await recordFailure(kaizen, { agent, key, durationS, model: transcript?.facts.model }, failure);
    // It may have been reported before anybody saw it, or in other words than ours.
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
): Promise<{ agent: AgentName; run: ObservedRun | undefined } | undefined> {
  const type = agentTypeOf(payload);
  const seen = await kaizen.findObservedRun(key, type === undefined ? undefined : await kaizen.agentOfType(type));
  if (seen !== undefined) return seen;
  if (transcript === undefined) return undefined;
  const agent = await kaizen.agentOfType(type ?? transcript.agentType() ?? "");
  return agent === undefined ? undefined : { agent, run: undefined };
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
  return transcript?.reports.some((report) => report.key === key || report.agent === agent) ?? false;
}

/** `StopFailure` comes in the place of the usual event where an error of the API has ended the turn. */
function failureIn(payload: Payload, transcript: TranscriptReading | undefined): Failure | undefined {
  if (payload.hook_event_name !== "StopFailure") return transcript?.failure;
  return failureOf(payload.error, payload.last_assistant_message ?? payload.error_details ?? "");
}

function fromHome(path: string | undefined, home: string | undefined): string | undefined {
  return path !== undefined && home !== undefined && /^~[\\/]/.test(path) ? home + path.slice(1) : path;
}
