/** What the model says: a text, or a call of a tool. */
export type Answer = { readonly text: string } | { readonly tool: string; readonly input: object };

/** A request that the model's server refuses, for good: a client does not try again. */
export interface Refusal {
  readonly refusal: string;
}

/** One request as a model gets it, whichever way it came: all that it can know. */
export interface Seen {
  /** What the user's side said before the model first spoke: the client's own words, and the prompt. */
  readonly prompt: string;
  /** How often the model has spoken. */
  readonly turns: number;
  /** The whole conversation, with the system's part, as JSON. */
  readonly told: string;
  /** The tools that can be called, by their names as the client has them, each in full as JSON. */
  readonly tools: ReadonlyMap<string, string>;
}

/** A step may be chosen by what is seen: a model calls the tools that it is shown, and repeats ids that it was told. */
export type Step = Answer | Refusal | ((seen: Seen) => Answer | Promise<Answer>);

/** The answers of a conversation, one for each time that it is asked; after the last one it says "done". */
export interface Script {
  /** A word of the prompt that tells this conversation from others; the longest that is found counts. */
  readonly prompt: string;
  readonly answers: readonly Step[];
}

const DONE: Answer = { text: "done" };

export function answerTo(seen: Seen, scripts: readonly Script[]): Answer | Refusal | Promise<Answer> {
  // What has no tools is asked beside the conversation, such as for its title.
  if (seen.tools.size === 0) return DONE;
  const [script] = scripts
    .filter(({ prompt }) => seen.prompt.includes(prompt))
    .sort((a, b) => b.prompt.length - a.prompt.length);
  const step = script?.answers[seen.turns] ?? DONE;
  return typeof step === "function" ? step(seen) : step;
}
