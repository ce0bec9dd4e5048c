import { coach } from "./coach.ts";
import type { Prompt } from "./define-prompt.ts";
import { optimize } from "./optimize.ts";
import { retrospective } from "./retrospective.ts";

/** In the order in which clients see them: before a run, after it, and after many. */
export const prompts: readonly Prompt[] = [coach, retrospective, optimize];
