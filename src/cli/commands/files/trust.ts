import { KaizenError } from "../../../errors.ts";
import type { RootTrust, TrustState } from "../../../trust/root-trust.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { saysYes } from "../../input/says-yes.ts";
import { trustFigures, trustWords } from "../../reports/trust-text.ts";
import { type WhatCame, whatCame, whatCameText } from "../../reports/what-came.ts";

const self = { name: "trust" };

export const trust = defineCommand({
  ...self,
  group: "files",
  summary: "Show what came with a clone, and let it speak to your agents",
  details: [
    `A store that this program has begun on this machine is yours. One that came with a clone is not: hooks then give its
figures and counts, none of its names and texts. This shows what is in it, asks, and notes the
answer for you alone, outside the project.`,
    `Where stdin is no terminal nothing is asked, and nothing accepted without --yes. Agents have shells as well: that a
person looked is only as sure as what your client lets them run.`,
    "Exit status: 1 where the store was left unaccepted, there is none, or the answer could not be kept.",
  ],
  flags: {
    yes: { type: "boolean", or: "revoke", description: "Accept it without asking" },
    revoke: { type: "boolean", description: "Trust it no more" },
  },
  withoutRetention: true,
  positionals: {},
  examples: [
    ["kaizen-metrics trust", "What came with this clone, and may it speak?"],
    ["kaizen-metrics trust --revoke", "It speaks no more"],
  ],
  async run({ flags }, context) {
    if (flags.revoke === true && flags.yes === true) throw usageError("Use either --yes or --revoke.", self);
    const { path } = await context.project();
    const known = await context.trust();
    if (flags.revoke === true) return revoked(path, known);
    const state = known.state();
    if (state.kind === "new") throw nothingThere(path);
    if (state.kind !== "foreign") return settled(path, state, `This store is trusted already: ${trustWords(state)}.`);
    return decided(path, known, flags.yes === true, context);
  },
});

function revoked(path: string, known: RootTrust): Outcome {
  const was = known.revoke();
  const sentence = was
    ? "This store is trusted no more."
    : "This store was not trusted: there is nothing to take back.";
  return settled(path, known.state(), sentence);
}

async function decided(path: string, known: RootTrust, isSure: boolean, context: CommandContext): Promise<Outcome> {
  const came = await whatCame(await context.kaizen());
  const asks = !isSure && context.stdin.isTerminal && !context.json;
  if (asks) await context.ask((style) => `${whatCameText(came, style)}\nMay it speak to your agents? [y/N] `);
  const isAccepted = isSure || (asks && (await saysYes(context.stdin)));
  if (isAccepted) known.accept();
  const sentence = isAccepted
    ? "Accepted: agents hear what it says from their next start on. kaizen-metrics trust --revoke takes that back."
    : `Nothing was accepted.${asks ? "" : " Accepting takes a terminal, or --yes."}`;
  return {
    ...settled(path, known.state(), sentence, came),
    text: (style) => `${asks ? "" : `${whatCameText(came, style)}\n`}${sentence}\n`,
    exitCode: isAccepted ? 0 : 1,
  };
}

function settled(path: string, state: TrustState, sentence: string, came?: WhatCame): Outcome {
  return {
    value: { path, ...trustFigures(state), ...(came === undefined ? {} : { came }) },
    text: (style) => `${style.withTimes(sentence)}\n`,
  };
}

function nothingThere(path: string): KaizenError {
  return new KaizenError("NOT_FOUND", `${path} has no store, so there is nothing to accept.`, {
    hint: "The first recorded run begins one, which is yours.",
  });
}
