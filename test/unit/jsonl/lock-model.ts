import {
  type Attempt,
  giveBack,
  type Holder,
  type LockProcedure,
  type LockStep,
  renew,
  type StepAnswer,
  tryToAcquire,
} from "../../../src/storage/jsonl/lock/lock-protocol.ts";

/**
 * Every interleaving of the steps of several processes that take a lock, use it and release it, with what can go wrong
 * between any two steps, on a file system of names and owners. A generator cannot be copied, so a state is reached by
 * running its processes again with the answers that they got; states that were seen are not looked into twice.
 */

export const LOCK = "lock";

/** How often, in all, what may go wrong. */
interface Trouble {
  /** A process ends. */
  readonly crashes?: number;
  /** A process stands still for so long that others take it for dead, and goes on. */
  readonly sleeps?: number;
  /** Also while it takes the lock, or makes sure of it, and not only while it holds it. */
  readonly sleepsAnywhere?: boolean;
  /** A call fails, whether it was done or not, or making a link says that the name was taken by then. */
  readonly faults?: number;
}

export interface Options extends Trouble {
  readonly processes: number;
  /** How often each of them wants the lock. */
  readonly acquisitions: number;
  readonly acquire?: () => LockProcedure<Holder>;
  readonly renew?: () => LockProcedure<Holder, boolean>;
}

export interface Finding {
  readonly states: number;
  /** Processes that are certain to hold the lock at the same time, where that was reached. */
  readonly violation: readonly number[] | undefined;
  /** Whether, from every state, all living processes can come to have had their turns, with no lock left behind. */
  readonly completes: boolean;
}

type Doing = "acquire" | "renew" | "giveBack";

interface Process {
  readonly alive: boolean;
  /** Whether others take it for dead, where it is not. */
  readonly seenDead: boolean;
  readonly acquisitionsLeft: number;
  /** After a sleep a holder does not know whether it still is one, and does nothing until it has looked. */
  readonly holds: "no" | "certainly" | "perhaps";
  readonly doing: Doing | undefined;
  readonly hasSlept: boolean;
  /** The answers to the steps of what it is doing. */
  readonly answers: readonly StepAnswer<Holder>[];
  /** The names that it asked for a link to, in the attempt under way. */
  readonly asked: readonly string[];
  /** Files that may be there in its name for nothing. */
  readonly left: readonly string[];
}

interface State {
  readonly files: ReadonlyMap<string, string>;
  readonly processes: readonly Process[];
  readonly crashesLeft: number;
  readonly sleepsLeft: number;
  readonly faultsLeft: number;
}

const idle = { doing: undefined, hasSlept: false, answers: [], asked: [] } as const;

export function explore(options: Options): Finding {
  const start: State = {
    files: new Map(),
    processes: Array.from({ length: options.processes }, () => ({
      ...{ alive: true, seenDead: false, acquisitionsLeft: options.acquisitions, holds: "no" as const, left: [] },
      ...idle,
    })),
    crashesLeft: options.crashes ?? 0,
    sleepsLeft: options.sleeps ?? 0,
    faultsLeft: options.faults ?? 0,
  };
  const numbers = new Map<string, number>();
  const numberOf = (state: State) => {
    const name = nameOf(state);
    const number = numbers.get(name) ?? numbers.size;
    if (number === numbers.size) {
      numbers.set(name, number);
      open.push(state);
      before.push([]);
    }
    return number;
  };
  const open: State[] = [];
  const before: number[][] = [];
  const done: number[] = [];
  numberOf(start);
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    const number = numberOf(state);
    const holders = state.processes.flatMap(({ alive, holds }, index) =>
      alive && holds === "certainly" ? [index] : [],
    );
    if (holders.length > 1) return { states: numbers.size, violation: holders, completes: false };
    if (state.processes.every((process) => !process.alive || isDone(process))) done.push(number);
    for (const next of new Model(state, options).successors()) before[numberOf(next)]?.push(number);
  }
  return { states: numbers.size, violation: undefined, completes: canAllReach(done, before) };
}

/** Whether from every number one of the ends can be reached; `before` says where each can be reached from. */
function canAllReach(ends: readonly number[], before: readonly (readonly number[])[]): boolean {
  const reached = new Set(ends);
  const open = [...ends];
  for (let number = open.pop(); number !== undefined; number = open.pop()) {
    for (const earlier of before[number] ?? []) {
      if (reached.has(earlier)) continue;
      reached.add(earlier);
      open.push(earlier);
    }
  }
  return reached.size === before.length;
}

function isDone({ acquisitionsLeft, holds, doing, left }: Process): boolean {
  return acquisitionsLeft === 0 && holds === "no" && doing === undefined && left.length === 0;
}

/**
 * The same for states that differ only in which process is which: they can do the same, so one is looked into for all.
 * It is the least of what the state is called with its processes in any order.
 */
function nameOf({ files, processes, crashesLeft, sleepsLeft, faultsLeft }: State): string {
  const entries = [...files].map(([file, nonce]) => renamed(`${file} ${asHolder(nonce)}`));
  const texts = processes.map(textsOf);
  let least = "";
  for (const [which, order] of orders.entries()) {
    const inOrder: (string | undefined)[] = [];
    for (const [index, text] of texts.entries()) inOrder[order[index] ?? index] = text[which];
    const held = entries.map((entry) => entry[which]).sort();
    const name = `${inOrder.join()}${held.join()}`;
    if (which === 0 || name < least) least = name;
  }
  return `${least}${crashesLeft}${sleepsLeft}${faultsLeft}`;
}

/** Every order of as many processes as a test has: at each place the number that the process gets. */
const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

const textsOfProcesses = new WeakMap<Process, readonly string[]>();

/** A process in words, in each order. */
function textsOf(process: Process): readonly string[] {
  let texts = textsOfProcesses.get(process);
  if (texts === undefined) {
    const answers = process.answers.map((answer) => (typeof answer === "object" ? asHolder(answer.nonce) : answer));
    texts = renamed(JSON.stringify({ ...process, answers }));
    textsOfProcesses.set(process, texts);
  }
  return texts;
}

const asHolder = (nonce: string) => `#${nonce}`;

const knownTexts = new Map<string, readonly string[]>();

/** A text with its processes numbered in each order. */
function renamed(text: string): readonly string[] {
  let texts = knownTexts.get(text);
  if (texts === undefined) {
    const [first = "", ...parts] = text.split(/(?<=\.break\.|#)(?=\d)/);
    texts = orders.map((order) =>
      parts.reduce((all, part) => `${all}${order[Number(part[0])]}${part.slice(1)}`, first),
    );
    knownTexts.set(text, texts);
  }
  return texts;
}

/** What can happen next. */
class Model {
  readonly #state: State;
  readonly #options: Options;

  constructor(state: State, options: Options) {
    this.#state = state;
    this.#options = options;
  }

  successors(): State[] {
    return this.#state.processes.flatMap((process, index) => {
      if (!process.alive || isDone(process)) return [];
      return [...this.#troubles(process, index), ...this.#actions(process, index)];
    });
  }

  #troubles(process: Process, index: number): State[] {
    const { crashesLeft, sleepsLeft } = this.#state;
    const troubles: State[] = [];
    if (crashesLeft > 0) {
      const crash = { ...idle, alive: false, holds: "no" as const, left: [] };
      troubles.push({ ...this.#with(index, crash), crashesLeft: crashesLeft - 1 });
    }
    // Whoever sleeps between its last look and removing its lock removes whichever is there then: no file system has a
    // step that does both at once.
    const isAnywhere = this.#options.sleepsAnywhere === true && process.doing !== "giveBack";
    const maySleep = process.holds === "certainly" || isAnywhere;
    if (sleepsLeft > 0 && !process.seenDead && maySleep) {
      const holds = process.holds === "no" ? ("no" as const) : ("perhaps" as const);
      const sleep = { seenDead: true, hasSlept: process.doing !== undefined, holds };
      troubles.push({ ...this.#with(index, sleep), sleepsLeft: sleepsLeft - 1 });
    }
    return troubles;
  }

  #actions(process: Process, index: number): State[] {
    const { doing } = process;
    if (doing !== undefined) return this.#run(process, index, doing);
    if (process.holds === "certainly") return [this.#release(index)];
    if (process.holds === "perhaps") return this.#run(process, index, "renew");
    return [
      ...(process.acquisitionsLeft > 0 ? this.#run(process, index, "acquire") : []),
      ...(process.left.length > 0 ? this.#run(process, index, "giveBack") : []),
    ];
  }

  #release(index: number): State {
    const files = new Map(this.#state.files);
    files.delete(LOCK);
    return this.#with(index, { ...idle, holds: "no" }, files);
  }

  /** One step of what a process does; also how it may fail. */
  #run(process: Process, index: number, doing: Doing): State[] {
    const running = this.#procedure(process, doing);
    let at = running.next();
    for (const answer of process.answers) at = running.next(answer);
    if (at.done === true) throw new Error("what is over is not run on");
    const step = at.value;
    const asked = step.do === "link" ? [...new Set([...process.asked, step.name])] : process.asked;
    const under = { doing, asked };
    const files = new Map(this.#state.files);
    const { answer, isTouched } = this.#carryOut(step, files, String(index));
    const touched = isTouched ? { seenDead: false } : {};

    const goOn = (answer: StepAnswer<Holder>): State => {
      const again = this.#procedure(process, doing);
      again.next();
      for (const earlier of process.answers) again.next(earlier);
      const after = again.next(answer);
      const change =
        after.done === true
          ? this.#after(process, doing, after.value)
          : { ...under, answers: [...process.answers, answer] };
      return this.#with(index, { ...change, ...touched }, files);
    };
    const states = [goOn(answer)];
    if (this.#state.faultsLeft > 0 && doing === "acquire") {
      const faultsLeft = this.#state.faultsLeft - 1;
      const failed = { ...idle, left: [...new Set([...process.left, LOCK, ...asked])] };
      states.push({ ...this.#with(index, { ...failed, ...touched }, files), faultsLeft });
      states.push({ ...this.#with(index, failed), faultsLeft });
      if (step.do === "link" && answer === true) states.push({ ...goOn(false), faultsLeft });
    }
    return states;
  }

  #procedure(process: Process, doing: Doing): LockProcedure<Holder, Attempt<Holder> | boolean> {
    if (doing === "acquire") return (this.#options.acquire ?? (() => tryToAcquire<Holder>(LOCK)))();
    if (doing === "renew") return (this.#options.renew ?? (() => renew<Holder>(LOCK)))();
    return giveBack<Holder>(process.left[0] ?? LOCK);
  }

  #after(process: Process, doing: Doing, result: Attempt<Holder> | boolean): Partial<Process> {
    if (doing === "giveBack") {
      const [first = LOCK, ...others] = process.left;
      return { ...idle, left: result === true ? others : [...others, first] };
    }
    if (doing === "renew") {
      // Its time began before what it was doing.
      const held = process.hasSlept ? ("perhaps" as const) : ("certainly" as const);
      return result === true ? { ...idle, holds: held } : { ...idle, holds: "no", left: [LOCK] };
    }
    if (typeof result === "boolean" || result.outcome !== "acquired") return idle;
    return {
      ...idle,
      holds: process.hasSlept ? "perhaps" : "certainly",
      acquisitionsLeft: process.acquisitionsLeft - 1,
      left: process.left.filter((name) => name !== LOCK),
    };
  }

  #carryOut(
    step: LockStep<Holder>,
    files: Map<string, string>,
    self: string,
  ): { answer: StepAnswer<Holder>; isTouched: boolean } {
    const done = (answer: StepAnswer<Holder>, isTouched = false) => ({ answer, isTouched });
    if (step.do === "isOurs") return done(step.holder.nonce === self);
    if (step.do === "isAlive") {
      const other = this.#state.processes[Number(step.holder.nonce)];
      return done(other?.alive === true && !other.seenDead);
    }
    const nonce = files.get(step.name);
    if (step.do === "read") return done(nonce === undefined ? undefined : { nonce });
    // All links are names of one owner file, so that its time is that of all of them.
    if (step.do === "touch") return { answer: undefined, isTouched: nonce === self };
    if (step.do === "link") {
      if (nonce !== undefined) return done(false);
      files.set(step.name, self);
      return done(true, true);
    }
    files.delete(step.name);
    if (step.do === "rename" && nonce !== undefined) files.set(step.to, nonce);
    return done(undefined);
  }

  #with(index: number, change: Partial<Process>, files = this.#state.files): State {
    const processes = this.#state.processes.map((process, at) => (at === index ? { ...process, ...change } : process));
    return { ...this.#state, processes, files };
  }
}
