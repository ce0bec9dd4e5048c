import type { Command } from "../define-command.ts";
import { serve } from "./serve.ts";

export { serve };

/** In the order in which the overview shows them, within their chapters. */
export const commands: readonly Command[] = [serve];
