/**
 * The lock as a sequence of file system steps, each atomic, without the file system: so that a test can run every
 * interleaving of every step of several processes, with a crash between any two.
 *
 * The lock is a hard link to its holder's owner file, so it is there with its whole content or not at all, and only one
 * process can make it. A process that died holding it must be replaced by exactly one other. That right is a claim:
 * a link that can be made once, named after the dead holder. The process that makes it is the claimant. It reads the
 * lock again, for its first look may be long out of date. It puts its own lock in place only if the lock still is the
 * dead holder's. A claimant that dies in between is replaced in the same way, by a claim named after itself.
 *
 * A holder on another machine cannot be asked. It counts as dead if it has not touched its lock for some time. It may
 * only have been asleep: so it touches the lock and then looks for claims, and a claimant makes its claim and then
 * looks at the lock. One of the two sees the other, in whichever order they come.
 *
 * A call may fail though it was done, as a network file system may repeat it. So a lock or a claim that is there already
 * is ours if it names us.
 */

/** Who holds a lock or a claim, as its file says. */
export interface Holder {
  /** Names a process for good: no other has had it, or will have it. */
  readonly nonce: string;
}

/** One step, to be carried out at once, before anything else happens in this process. */
export type LockStep<H extends Holder> =
  /** Make `name` a link to our owner file. Answers whether it was made; `false` where the name is taken. */
  | { readonly do: "link"; readonly name: string }
  /** Answers who is named in the file, `undefined` if there is none. */
  | { readonly do: "read"; readonly name: string }
  /** Answers whether that is this process. */
  | { readonly do: "isOurs"; readonly holder: H }
  /** Answers whether the process is still there. */
  | { readonly do: "isAlive"; readonly holder: H }
  /** Date the file to now, for other processes to see. */
  | { readonly do: "touch"; readonly name: string }
  /** Put the file `name`, where it is there, in the place of `to`. */
  | { readonly do: "rename"; readonly name: string; readonly to: string }
  | { readonly do: "unlink"; readonly name: string };

export type StepAnswer<H extends Holder> = boolean | H | undefined;

/** How one attempt ended. After `busy` and `changed` it is worth trying again: later, or at once. */
export type Attempt<H extends Holder> =
  | { readonly outcome: "acquired" }
  | { readonly outcome: "busy"; readonly holder: H }
  | { readonly outcome: "changed" };

export type LockProcedure<H extends Holder, Result = Attempt<H>> = Generator<LockStep<H>, Result, StepAnswer<H>>;

function claimName(lock: string, dead: Holder): string {
  return `${lock}.break.${dead.nonce}`;
}

/** One attempt to take the lock, by a process that does not hold it. */
export function* tryToAcquire<H extends Holder>(lock: string): LockProcedure<H> {
  if (yield { do: "link", name: lock }) return { outcome: "acquired" };
  const holder = (yield { do: "read", name: lock }) as H | undefined;
  if (holder === undefined) return { outcome: "changed" };
  if (!(yield { do: "isOurs", holder })) {
    if (yield { do: "isAlive", holder }) return { outcome: "busy", holder };
    const busy = yield* takeOver(lock, lock, holder);
    if (busy !== undefined) return busy;
  }
  return { outcome: (yield* renew(lock)) ? "acquired" : "changed" };
}

/**
 * Puts ours in the place of a dead process's lock, or of its claim. Gives why it did not even try to; `undefined` if it
 * tried. The caller then has to look whose the lock is: the dead holder, or another claimant, may only have slept.
 */
function* takeOver<H extends Holder>(lock: string, file: string, dead: H): LockProcedure<H, Attempt<H> | undefined> {
  const claim = claimName(lock, dead);
  if (!(yield { do: "link", name: claim })) {
    const claimant = (yield { do: "read", name: claim }) as H | undefined;
    if (claimant === undefined) return { outcome: "changed" };
    if (!(yield { do: "isOurs", holder: claimant })) {
      if (yield { do: "isAlive", holder: claimant }) return { outcome: "busy", holder: claimant };
      const busy = yield* takeOver(lock, claim, claimant);
      if (busy !== undefined) return busy;
    }
  }
  const now = (yield { do: "read", name: file }) as H | undefined;
  if (now?.nonce !== dead.nonce || (yield { do: "isAlive", holder: now })) {
    yield { do: "unlink", name: claim };
    return { outcome: "changed" };
  }
  yield { do: "rename", name: claim, to: file };
  return undefined;
}

/** Says anew that the lock is held. Answers whether it is: after a sleep another may have taken it, or be about to. */
export function* renew<H extends Holder>(lock: string): LockProcedure<H, boolean> {
  const holder = (yield { do: "read", name: lock }) as H | undefined;
  if (holder === undefined || !(yield { do: "isOurs", holder })) return false;
  yield { do: "touch", name: lock };
  const claim = claimName(lock, holder);
  const claimant = (yield { do: "read", name: claim }) as H | undefined;
  if (claimant !== undefined) {
    if (yield { do: "isAlive", holder: claimant }) return false;
    // It may be asleep in its turn: what it is about to put in the place of the lock is made ours, and goes.
    if ((yield* takeOver(lock, claim, claimant)) !== undefined) return false;
    yield { do: "unlink", name: claim };
  }
  // A claim that is gone may have become the lock.
  const now = (yield { do: "read", name: lock }) as H | undefined;
  return now?.nonce === holder.nonce;
}

/** Takes a file away that is in our name for nothing. Answers whether none is left; otherwise it is to be tried again. */
export function* giveBack<H extends Holder>(name: string): LockProcedure<H, boolean> {
  const holder = (yield { do: "read", name }) as H | undefined;
  if (holder === undefined || !(yield { do: "isOurs", holder })) return true;
  if (!(yield* renew(name))) return false;
  yield { do: "unlink", name };
  return true;
}
