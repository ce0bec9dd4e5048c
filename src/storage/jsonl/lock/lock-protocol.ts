/**
 * The lock as a sequence of file system steps, each atomic, without the file system: so that a test can run every
 * interleaving of every step of several processes, with a crash between any two.
 *
 * The lock is a hard link to its holder's owner file, so it is there with its whole content or not at all, and only one
 * process can make it. A process that died holding it must be replaced by exactly one other. That right is a claim:
 * a link that can be made once, named after the dead holder. Whoever makes it reads the lock again, and puts its own in
 * place only if it still is the dead holder's: the first look may be long out of date. A claimant that dies in between
 * passes the right on in the same way, by a claim named after itself.
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
  /** Answers who is named in the file, `undefined` where there is none. */
  | { readonly do: "read"; readonly name: string }
  /** Answers whether the process is still there. */
  | { readonly do: "isAlive"; readonly holder: H }
  /** Put the file `name` in the place of `to`. */
  | { readonly do: "rename"; readonly name: string; readonly to: string }
  | { readonly do: "unlink"; readonly name: string };

export type StepAnswer<H extends Holder> = boolean | H | undefined;

/** How one attempt ended. After `busy` and `changed` it is worth trying again: later, or at once. */
export type Attempt<H extends Holder> =
  | { readonly outcome: "acquired" }
  | { readonly outcome: "busy"; readonly holder: H }
  | { readonly outcome: "changed" };

export type LockProcedure<H extends Holder> = Generator<LockStep<H>, Attempt<H>, StepAnswer<H>>;

export function claimName(lock: string, dead: Holder): string {
  return `${lock}.break.${dead.nonce}`;
}

/** One attempt to take the lock. */
export function* tryToAcquire<H extends Holder>(lock: string): LockProcedure<H> {
  if (yield { do: "link", name: lock }) return { outcome: "acquired" };
  const holder = (yield { do: "read", name: lock }) as H | undefined;
  if (holder === undefined) return { outcome: "changed" };
  if (yield { do: "isAlive", holder }) return { outcome: "busy", holder };
  return yield* takeOver(lock, holder);
}

/** Replaces a dead holder, or a dead claimant to its place, and so on. */
function* takeOver<H extends Holder>(lock: string, deadHolder: H): LockProcedure<H> {
  const dead = [deadHolder];
  let claim = claimName(lock, deadHolder);
  while (!(yield { do: "link", name: claim })) {
    const claimant = (yield { do: "read", name: claim }) as H | undefined;
    if (claimant === undefined) return { outcome: "changed" };
    if (yield { do: "isAlive", holder: claimant }) return { outcome: "busy", holder: claimant };
    dead.push(claimant);
    claim = claimName(lock, claimant);
  }
  const now = (yield { do: "read", name: lock }) as H | undefined;
  if (now === undefined || !dead.some((holder) => holder.nonce === now.nonce)) {
    yield { do: "unlink", name: claim };
    return { outcome: "changed" };
  }
  yield { do: "rename", name: claim, to: lock };
  for (const holder of dead.slice(0, -1)) yield { do: "unlink", name: claimName(lock, holder) };
  return { outcome: "acquired" };
}
