import { KaizenError } from "../../../errors.ts";

/** What is to be done with our parts of a file. */
export interface EditRequest {
  readonly mode: "add" | "remove";
  /** Whether an entry of our name that is not as `init` writes it may be replaced, or taken out. */
  readonly force: boolean;
}

export type Did =
  | "added"
  | "updated"
  | "removed"
  /** It is there already, or there is nothing to take out. */
  | "nothing"
  /** An entry of our name that does not start this program, and stays. */
  | "left";

export interface Edited {
  /** The whole file, or `undefined` if none is left to be there. */
  readonly text: string | undefined;
  readonly did: Did;
}

/** One of our parts of a file. What is not ours keeps its bytes. */
export interface Edit {
  /** As it is named to people, e.g. `server "kaizen-metrics"`. */
  readonly what: string;
  /** What a person pastes where the file is not to be touched. */
  readonly paste: string;
  /** The words with which our part of a text starts the program; none if we have no part, or it starts nothing. */
  words?(text: string | undefined): readonly string[];
  /** The hooks that our part of a text runs; only of one that has hooks. */
  hooks?(text: string | undefined): readonly string[];
  /** Fails with `EditRefused` if it cannot be done without a risk for what is not ours. */
  apply(text: string | undefined, request: EditRequest): Edited;
}

interface Remedy {
  /** Whether --force would do it. */
  readonly yieldsToForce?: boolean;
  /** What a person can do to the file, in a sentence; otherwise it is told what to paste. */
  readonly advice?: string;
  /** What to paste, where one of several edits was refused. */
  readonly paste?: string;
}

/** Why a file is left as it is: completes "the file …". */
export class EditRefused extends Error {
  readonly remedy: Remedy;

  constructor(message: string, remedy: Remedy = {}) {
    super(message);
    this.remedy = remedy;
  }
}

export interface PartDone {
  readonly what: string;
  readonly did: Did;
}

/** All of our parts of a file. What was put in last is taken out first: only so every byte is as it was. */
export function applyEdits(
  edits: readonly Edit[],
  before: string | undefined,
  request: EditRequest,
): { readonly text: string | undefined; readonly parts: readonly PartDone[] } {
  let text = before;
  const isRemoval = request.mode === "remove";
  const parts = (isRemoval ? edits.toReversed() : edits).map((edit) => {
    try {
      const edited = edit.apply(text, request);
      text = edited.text;
      return { what: edit.what, did: edited.did };
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      throw new EditRefused(error.message, { ...error.remedy, paste: edit.paste });
    }
  });
  return { text, parts: isRemoval ? parts.toReversed() : parts };
}

export function clientConfigError(message: string, hint: string, cause?: unknown): KaizenError {
  return new KaizenError("CLIENT_CONFIG", message, { hint, ...(cause === undefined ? {} : { cause }) });
}
