import { KaizenError } from "../../../errors.ts";

/** Something to be done to a file or folder that can be taken back. */
export interface Step {
  readonly path: string;
  /** Fails if it could not be done, as far as that can be told beforehand. Changes nothing. */
  expectPossible(): void;
  /** Does it, and gives what takes it back. */
  carryOut(): () => void;
}

interface Done {
  readonly path: string;
  takeBack(): void;
}

/** Does every step, or leaves everything as it was and says which one failed. */
export function doAllOrNothing(steps: readonly Step[]): void {
  try {
    for (const step of steps) step.expectPossible();
  } catch (error) {
    throw nothingChanged(error);
  }
  const done: Done[] = [];
  for (const step of steps) {
    try {
      done.push({ path: step.path, takeBack: step.carryOut() });
    } catch (error) {
      throw withSentence(error, takeBackAll(done.toReversed()));
    }
  }
}

/** Goes on where one cannot be taken back: the others can. */
function takeBackAll(done: readonly Done[]): string {
  const stayed = done.flatMap(({ path, takeBack }) => {
    try {
      takeBack();
      return [];
    } catch (error) {
      return [`${path} was changed before that and could not be put back: ${messageOf(error)}`];
    }
  });
  if (stayed.length > 0) return stayed.join(" ");
  return done.length === 0 ? "No file was changed." : "What had been changed before that was put back as it was.";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error that came before any change: its message says that no file was changed. */
export function nothingChanged(error: unknown): unknown {
  return withSentence(error, "No file was changed.");
}

/** Adds a sentence to an error that is meant for the user. A bug of ours is passed on unchanged. */
function withSentence(error: unknown, sentence: string): unknown {
  if (!(error instanceof KaizenError)) return error;
  const { code, hint, message } = error;
  return new KaizenError(code, `${message} ${sentence}`, { ...(hint === undefined ? {} : { hint }), cause: error });
}
