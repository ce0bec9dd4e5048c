import type { Facts } from "../../../domain/evidence/evidence.ts";
import type { AgentName } from "../../../domain/run/agent-name.ts";
import { plainLine } from "../../../domain/text/plain-text.ts";
import { KaizenError } from "../../../errors.ts";
import type { Failure } from "../../../evidence/transcript/run-record.ts";
import type { Kaizen } from "../../../kaizen/kaizen.ts";

/** What is known of a run that has ended. */
interface EndedRun {
  readonly agent: AgentName;
  readonly key: string;
  readonly durationS: number | undefined;
  readonly model: string | undefined;
}

/** An agent that was denied every edit has not done what it was to do. */
export function denialIn(facts: Pick<Facts, "ended_by"> | undefined): Failure | undefined {
  if (facts?.ended_by !== "denied") return undefined;
  return { errorType: "PermissionDenied", error: "Every edit was denied, and none was made." };
}

/** Records a run whose agent cannot report it any more. */
export async function recordFailure(kaizen: Kaizen, run: EndedRun, { error, errorType }: Failure): Promise<void> {
  const { agent, durationS, key, model } = run;
  try {
    const report = {
      agent,
      success: false,
      idempotency_key: key,
      error_type: errorType,
      error,
      ...(durationS === undefined ? {} : { execution_time_s: durationS }),
      ...(model === undefined ? {} : { model: plainLine(model, 200) }),
    };
    await kaizen.record(report, { recorded_by: "hook" });
  } catch (problem) {
    // Another process has reported the run meanwhile, with other content: that report counts.
    if (!(problem instanceof KaizenError && problem.code === "KEY_CONFLICT")) throw problem;
  }
}
