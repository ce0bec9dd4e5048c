import type { Environment } from "../../config.ts";
import type { Choices, RootTrust } from "../../trust/root-trust.ts";

/** Which evidence of runs is looked for in a project, by this user on this machine. */
export interface EvidenceSettings {
  /** Whether clients' transcripts are read for facts. */
  readonly transcripts: boolean;
  /** Whether the store came from elsewhere, and was not accepted: no program is started for it. */
  readonly isForeign: boolean;
  /** Whether git is asked for the state of the working copy: only in a project that this user has begun or accepted. */
  readonly git: boolean;
  readonly check: Choices["check"];
  readonly ci: Choices["ci"];
  /** Why all of it is off, if it is. */
  readonly off?: string;
}

const OFF_WORDS: ReadonlySet<string> = new Set(["off", "0", "false", "no"]);

export function evidenceSettings(
  { KAIZEN_EVIDENCE }: Environment,
  trust: Pick<RootTrust, "choices" | "state">,
): EvidenceSettings {
  const isForeign = trust.state().kind === "foreign";
  const off = { transcripts: false, isForeign, git: false, check: undefined, ci: undefined };
  if (KAIZEN_EVIDENCE !== undefined && OFF_WORDS.has(KAIZEN_EVIDENCE.trim().toLowerCase())) {
    return { ...off, off: `KAIZEN_EVIDENCE is ${KAIZEN_EVIDENCE.trim().toLowerCase()}` };
  }
  const { check, ci, git, transcripts } = trust.choices();
  return { transcripts: transcripts !== false, isForeign, git: !isForeign && git !== false, check, ci };
}

/** What is on, in sentences for a person; `check` and `ci` start programs, so they are told whole. */
export function evidenceWords({ check, ci, git, off, transcripts }: EvidenceSettings): string[] {
  if (off !== undefined) return [`Evidence: off, since ${off}.`];
  const word = (isOn: boolean) => (isOn ? "on" : "off");
  const lines = [`Evidence: transcripts ${word(transcripts)}, git ${word(git)}.`];
  if (check !== undefined) lines.push(checkWords(check));
  if (ci !== undefined) lines.push(ciWords(ci));
  return lines;
}

/** What a person has to know of a check before they agree to it. */
export function checkWords({ command, timeout_s }: NonNullable<Choices["check"]>): string {
  return (
    `Check: ${JSON.stringify(command)} runs after runs that edited, for at most ${timeout_s} s, on a copy of what the agent ` +
    "left, with your rights and outside the client's permissions: an agent that may only edit can so run programs."
  );
}

export function ciWords({ program, workflows }: NonNullable<Choices["ci"]>): string {
  const which = workflows.length === 0 ? "every workflow" : workflows.map((name) => JSON.stringify(name)).join(", ");
  return `CI: ${program} is asked over the network, at most once an hour, what became of commits; ${which} counts.`;
}
