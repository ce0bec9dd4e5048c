import { describe, expect, it } from "vitest";
import {
  type Attempt,
  type Holder,
  type LockProcedure,
  type LockStep,
  renew,
  type StepAnswer,
  tryToAcquire,
} from "../../../src/storage/jsonl/lock/lock-protocol.ts";
import { explore, LOCK, type Options } from "./lock-model.ts";

const crashes: Options = { processes: 3, acquisitions: 2, crashes: 2 };
const failures: Options = { processes: 3, acquisitions: 1, crashes: 1, faults: 1 };
const sleepingHolders: Options = { processes: 3, acquisitions: 1, sleeps: 2 };
const aSleep: Options = { processes: 3, acquisitions: 1, crashes: 1, sleeps: 1, sleepsAnywhere: true };

describe("the lock protocol, every interleaving", () => {
  it.each([
    ["with processes that crash", crashes, 2_000],
    ["with calls that fail, done or not, and a crash", failures, 2_000],
    ["with holders that sleep until others take them for dead", sleepingHolders, 20_000],
    ["with a process that sleeps at any moment, and a crash", aSleep, 8_000],
  ])("never lets two hold the lock, and always gets on, %s", (_, options, leastStates) => {
    const finding = explore(options);
    expect(finding).toMatchObject({ violation: undefined, completes: true });
    expect(finding.states).toBeGreaterThan(leastStates);
  });
});

describe("the lock protocol is seen to fail", () => {
  it.each<[string, Options]>([
    ["when the lock is not read again after the claim", { ...crashes, acquire: () => rememberingLooks(acquiring()) }],
    ["when a claim is not looked for", { ...sleepingHolders, renew: () => answered(renewing(), ofNoClaim) }],
    ["when a lock is not touched", { ...sleepingHolders, renew: () => answered(renewing(), toTouch) }],
    ["when a lock is not read after its claims", { ...sleepingHolders, renew: () => rememberingLooks(renewing()) }],
    [
      "when it is not asked again whether a holder has been seen since",
      { ...sleepingHolders, acquire: () => answered(acquiring(), ofASecondLook()) },
    ],
  ])("to keep two apart %s", (_, options) => {
    expect(explore(options).violation).toHaveLength(2);
  });

  it.each<[string, Options]>([
    ["when the right to take over is not claimed", { ...crashes, acquire: () => answered(acquiring(), toClaim) }],
    ["when what is ours already is not known", { ...failures, acquire: () => answered(acquiring(), ofOurs) }],
  ])("to get on %s", (_, options) => {
    expect(explore(options).completes).toBe(false);
  });
});

const acquiring = () => tryToAcquire<Holder>(LOCK);
const renewing = () => renew<Holder>(LOCK);

type Given = { readonly answer: StepAnswer<Holder> } | undefined;

const toClaim = (step: LockStep<Holder>): Given =>
  step.do === "link" && step.name !== LOCK ? { answer: true } : undefined;
const ofOurs = (step: LockStep<Holder>): Given => (step.do === "isOurs" ? { answer: false } : undefined);
const toTouch = (step: LockStep<Holder>): Given => (step.do === "touch" ? { answer: undefined } : undefined);
const ofNoClaim = (step: LockStep<Holder>): Given =>
  step.do === "read" && step.name !== LOCK ? { answer: undefined } : undefined;

function ofASecondLook(): (step: LockStep<Holder>) => Given {
  let looks = 0;
  return (step) => {
    if (step.do !== "isAlive") return undefined;
    looks += 1;
    return looks > 1 ? { answer: false } : undefined;
  };
}

/** A procedure with some of its steps answered without being carried out, as if the code had left them out. */
function* answered<Result extends Attempt<Holder> | boolean>(
  running: LockProcedure<Holder, Result>,
  answerFor: (step: LockStep<Holder>) => Given,
): LockProcedure<Holder, Result> {
  let at = running.next();
  while (at.done !== true) {
    const step: LockStep<Holder> = at.value;
    const given = answerFor(step);
    at = running.next(given === undefined ? yield step : given.answer);
  }
  return at.value;
}

/** A procedure whose later looks at the lock are answered with what the first one saw. */
function* rememberingLooks<Result extends Attempt<Holder> | boolean>(
  running: LockProcedure<Holder, Result>,
): LockProcedure<Holder, Result> {
  let seen: { readonly answer: StepAnswer<Holder> } | undefined;
  let at = running.next();
  while (at.done !== true) {
    const step: LockStep<Holder> = at.value;
    const isLook = step.do === "read" && step.name === LOCK;
    const answer: StepAnswer<Holder> = isLook && seen !== undefined ? seen.answer : yield step;
    if (isLook) seen ??= { answer };
    at = running.next(answer);
  }
  return at.value;
}
