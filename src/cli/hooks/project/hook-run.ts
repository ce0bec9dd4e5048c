import type { Kaizen } from "../../../kaizen/kaizen.ts";
import type { CommandContext } from "../../frame/define-command.ts";
import { leftOf } from "../limits/deadline.ts";
import { type Context, contextAnswer } from "../payload/client.ts";
import type { Payload } from "../payload/payload.ts";
import { isOfPlugin } from "./of-plugin.ts";
import { hasStore, takesPart } from "./project-takes-part.ts";

/** One run of a hook: what the client has sent, and what may be done with it. */
export interface HookRun {
  readonly payload: Payload;
  readonly context: CommandContext;
  /** Whether the plugin has started the hook. */
  readonly isOfPlugin: boolean;
  /** Whether Claude Code has started the hook, by its settings or by the plugin: of others we know less. */
  readonly isOfClaudeCode: boolean;
  /** How many ms the hook may take in all. */
  readonly limitMs: number;
  /** How many ms there are until the hook is given up. */
  leftMs(): number;
  /** Whether the project has a store. */
  hasStore(): Promise<boolean>;
  /** Whether anything of the project may be kept. */
  takesPart(): Promise<boolean>;
  /** The use cases over the project's files, or `undefined` if the project takes no part. Creates nothing. */
  kaizen(): Promise<Kaizen | undefined>;
  /** Gives facts to the conversation that the hook runs for, and a line to its user, in the form of its client. */
  addContext(event: Context["event"], text: string, userLine?: string): Promise<void>;
  /** Keeps a prompt from the model, and tells its user why, in Claude Code's form. */
  blockPrompt(reason: string): Promise<void>;
}

export function hookRun(payload: Payload, context: CommandContext, limitMs: number): HookRun {
  enterFolder(payload.cwd);
  let part: Promise<boolean> | undefined;
  const isPart = () => {
    part ??= context.project().then((project) => takesPart(project, context.machine));
    return part;
  };
  return {
    payload,
    context,
    isOfPlugin: isOfPlugin(context),
    isOfClaudeCode: payload.client === "claude-code",
    limitMs,
    leftMs: () => leftOf(limitMs),
    hasStore: async () => hasStore(await context.project(), context.machine),
    takesPart: isPart,
    kaizen: async () => ((await isPart()) ? context.kaizen() : undefined),
    async addContext(event, text, userLine) {
      const answer = contextAnswer(payload.client, payload.sent, { event, text, userLine });
      // At once, and not with the command's end: what comes after may take longer than there is time.
      if (answer !== undefined) await context.print(`${JSON.stringify(answer)}\n`);
    },
    blockPrompt: (reason) => context.print(`${JSON.stringify({ decision: "block", reason })}\n`),
  };
}

/** The project is looked for from the folder that the payload names; the client may have started us in another. */
export function enterFolder(path: string | undefined): void {
  if (path === undefined || path === "") return;
  try {
    process.chdir(path);
  } catch {
    // Gone, or not to be entered: then we look from where we were started.
  }
}
