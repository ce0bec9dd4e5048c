import { decodeVerification } from "../../adr004/verification-line.ts";
import type { VoidedLine } from "../../adr004/voided-line.ts";
import type { AgentName } from "../../domain/run/agent-name.ts";
import type { Execution } from "../../domain/run/execution.ts";
import type { VoidedRun } from "../store.ts";

/** What is kept of one voided run. */
export interface VoidedEntry {
  readonly execution: Execution;
  /** The last one tells who voided it, when and why. Together they have every line of it. */
  readonly lines: readonly [...VoidedLine[], VoidedLine];
}

export function voidedRun(agent: AgentName, { execution, lines }: VoidedEntry): VoidedRun {
  const last = lines[lines.length - 1] ?? lines[0];
  const { id, reason, unproven, verifications = [], via, voided_at: timestamp, voided_by: by } = last;
  const read = verifications.map((line) => decodeVerification(Buffer.from(line)));
  return {
    agent,
    id,
    execution,
    by,
    reason,
    timestamp,
    ...(via === undefined ? {} : { via }),
    ...(unproven === undefined ? {} : { unproven }),
    verifications: read.flatMap((one) => (one === undefined || one === "blank" ? [] : one)),
  };
}
