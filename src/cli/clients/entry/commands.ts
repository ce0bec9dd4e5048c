import { SERVER_NAME } from "./launch.ts";

/** A command that a person types in Claude Code, and no agent calls (code.claude.com/docs/en/slash-commands). */
interface PeopleCommand {
  /** Behind the colon: `/kaizen-metrics:good`. */
  readonly name: "good" | "bad";
  readonly text: string;
}

export const peopleCommands: readonly PeopleCommand[] = [
  { name: "good", text: textOf("came out right", "--success") },
  { name: "bad", text: textOf("did not come out right, and why", "--failure") },
];

/**
 * What is done is done by the hook, which keeps the prompt from the model. Its text is read if there is no hook, and so it
 * says only that. What the person has typed stands in no line for a shell: it may be pasted from anywhere.
 */
function textOf(what: string, flag: string): string {
  return `---
description: "Say that the newest undecided run ${what} (${SERVER_NAME})"
argument-hint: "[why]"
disable-model-invocation: true
---

Nothing was noted: the hook of ${SERVER_NAME} that answers this command did not run. Tell the user so, and that they can
say it in a terminal of their own with \`${SERVER_NAME} verify --last ${flag} --by human\`. Do not run that yourself: what is
said in an agent's shell counts in no figure.
`;
}
