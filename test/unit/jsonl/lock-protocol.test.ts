import { describe, expect, it } from "vitest";
import {
  type Attempt,
  type Holder,
  type LockProcedure,
  type LockStep,
  type StepAnswer,
  tryToAcquire,
} from "../../../src/storage/jsonl/lock/lock-protocol.ts";

/**
 * An exhaustive check of the lock: every interleaving of the steps of several processes, with crashes between any two
 * steps, on a file system of names and owners. A generator cannot be copied, so a state is reached by running its
 * processes again with the answers that they got; states that were seen are not looked into twice.
 */
type Procedure = () => LockProcedure<Holder>;

interface Process {
  readonly alive: boolean;
  readonly acquisitionsLeft: number;
  readonly holds: boolean;
  /** The answers to the steps of the attempt under way. */
  readonly answers: readonly StepAnswer<Holder>[];
}

interface State {
  readonly files: ReadonlyMap<string, string>;
  readonly processes: readonly Process[];
  readonly crashesLeft: number;
}

const LOCK = "lock";

interface Finding {
  readonly states: number;
  /** Processes that hold the lock at the same time, where that was reached. */
  readonly violation: readonly number[] | undefined;
  /** Whether every final state has all living processes done. */
  readonly completed: boolean;
}

function explore(procedure: Procedure, options: { processes: number; acquisitions: number; crashes: number }): Finding {
  const start: State = {
    files: new Map(),
    processes: Array.from({ length: options.processes }, () => ({
      alive: true,
      acquisitionsLeft: options.acquisitions,
      holds: false,
      answers: [],
    })),
    crashesLeft: options.crashes,
  };
  const seen = new Set<string>();
  const open = [start];
  let completed = true;
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const name = nameOf(state);
    if (seen.has(name)) continue;
    seen.add(name);
    const holders = state.processes.flatMap((process, index) => (process.alive && process.holds ? [index] : []));
    if (holders.length > 1) return { states: seen.size, violation: holders, completed };
    const next = successors(state, procedure);
    if (next.length === 0) completed &&= state.processes.every((process) => !process.alive || isDone(process));
    open.push(...next);
  }
  return { states: seen.size, violation: undefined, completed };
}

function successors(state: State, procedure: Procedure): State[] {
  return state.processes.flatMap((process, index) => {
    if (!process.alive) return [];
    const crashed = state.crashesLeft > 0 ? [withProcess(state, index, { alive: false }, { crashed: true })] : [];
    if (process.holds) return [release(state, index), ...crashed];
    return isDone(process) ? crashed : [stepOf(state, index, procedure), ...crashed];
  });
}

function isDone(process: Process): boolean {
  return process.acquisitionsLeft === 0 && !process.holds;
}

function release(state: State, index: number): State {
  const files = new Map(state.files);
  files.delete(LOCK);
  return withProcess({ ...state, files }, index, { holds: false });
}

/** Runs one process on by one step. */
function stepOf(state: State, index: number, procedure: Procedure): State {
  const process = state.processes[index] as Process;
  const running = procedure();
  let at = running.next();
  for (const answer of process.answers) at = running.next(answer);
  if (at.done === true) throw new Error("an attempt that is over is not run on");
  const files = new Map(state.files);
  const answer = carryOut(at.value, files, state, String(index));
  const after = running.next(answer);
  const moved = { ...state, files };
  if (after.done !== true) return withProcess(moved, index, { answers: [...process.answers, answer] });
  return withProcess(moved, index, afterAttempt(process, after.value));
}

function afterAttempt(process: Process, attempt: Attempt<Holder>): Partial<Process> {
  if (attempt.outcome !== "acquired") return { answers: [] };
  return { answers: [], holds: true, acquisitionsLeft: process.acquisitionsLeft - 1 };
}

function carryOut(step: LockStep<Holder>, files: Map<string, string>, state: State, self: string): StepAnswer<Holder> {
  if (step.do === "link") {
    if (files.has(step.name)) return false;
    files.set(step.name, self);
    return true;
  }
  if (step.do === "read") {
    const nonce = files.get(step.name);
    return nonce === undefined ? undefined : { nonce };
  }
  if (step.do === "isAlive") return state.processes[Number(step.holder.nonce)]?.alive === true;
  if (step.do === "rename") files.set(step.to, files.get(step.name) ?? self);
  files.delete(step.name);
  return undefined;
}

function withProcess(state: State, index: number, change: Partial<Process>, event = { crashed: false }): State {
  const processes = state.processes.map((process, at) => (at === index ? { ...process, ...change } : process));
  return { ...state, processes, crashesLeft: state.crashesLeft - (event.crashed ? 1 : 0) };
}

function nameOf(state: State): string {
  return JSON.stringify([[...state.files].sort(), state.processes, state.crashesLeft]);
}

/** The procedure with some of its steps answered without being carried out, as if the code had left them out. */
function* without(
  answerFor: (step: LockStep<Holder>) => { answer: StepAnswer<Holder> } | undefined,
): LockProcedure<Holder> {
  const running = tryToAcquire<Holder>(LOCK);
  let at = running.next();
  while (at.done !== true) {
    const step: LockStep<Holder> = at.value;
    const given = answerFor(step);
    at = running.next(given === undefined ? yield step : given.answer);
  }
  return at.value;
}

describe("the lock protocol, every interleaving", () => {
  const size = { processes: 3, acquisitions: 2, crashes: 2 };

  it("never lets two living processes hold the lock, and always gets on", () => {
    const finding = explore(() => tryToAcquire<Holder>(LOCK), size);
    expect(finding.violation).toBeUndefined();
    expect(finding.completed).toBe(true);
    expect(finding.states).toBeGreaterThan(10_000);
  });

  it("is seen to fail when the lock is not read again after the claim", () => {
    const finding = explore(() => withoutSecondRead(), size);
    expect(finding.violation).toHaveLength(2);
  });

  it("is seen to fail when the right to take over is not claimed", () => {
    const finding = explore(() => without((step) => (isClaim(step) ? { answer: true } : undefined)), size);
    expect(finding.violation).toHaveLength(2);
  });
});

function isClaim(step: LockStep<Holder>): boolean {
  return step.do === "link" && step.name !== LOCK;
}

/** Answers the second look at the lock with what the first one saw. */
function* withoutSecondRead(): LockProcedure<Holder> {
  const running = tryToAcquire<Holder>(LOCK);
  let seen: StepAnswer<Holder>;
  let at = running.next();
  while (at.done !== true) {
    const step: LockStep<Holder> = at.value;
    const isLook = step.do === "read" && step.name === LOCK;
    const answer: StepAnswer<Holder> = isLook && seen !== undefined ? seen : yield step;
    if (isLook) seen ??= answer;
    at = running.next(answer);
  }
  return at.value;
}
