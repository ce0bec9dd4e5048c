import { type AgentName, agentNameSchema, existingAgentNameSchema } from "../../src/domain/run/agent-name.ts";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import type { JsonObject } from "../../src/domain/text/json.ts";
import type { NewRun } from "../../src/storage/store.ts";
import { idOf } from "./histories.ts";

export const REVIEWER: AgentName = agentNameSchema.parse("reviewer");

export function agentNamed(name: string): AgentName {
  return existingAgentNameSchema.parse(name);
}

/** A clock that a test sets and moves. */
export interface Clock {
  readonly now: () => number;
  advanceDays(days: number): void;
}

export function clockAt(start = Date.UTC(2026, 10, 22, 10)): Clock {
  let at = start;
  return {
    now: () => at,
    advanceDays(days) {
      at += days * DAY_MS;
    },
  };
}

/** Makes runs as the use case hands them down: what the caller reported, and that with an id and a timestamp. */
export function runMaker(clock: Clock, ordinalsAfter = 0): (reported?: JsonObject) => NewRun {
  let ordinal = ordinalsAfter;
  return (reported = {}) => {
    ordinal += 1;
    const complete = { success: true, ...reported };
    return {
      record: { agent: REVIEWER, timestamp: formatInstant(clock.now()), ...complete, id: idOf(ordinal) },
      reported: complete,
    };
  };
}

/** The code of the error with which a call fails; a call that succeeds fails the test. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
  throw new Error("the call was expected to fail, and succeeded");
}
