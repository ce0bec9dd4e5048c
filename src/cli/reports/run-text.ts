import type { ObservedRun } from "../../domain/coverage/lifecycle-event.ts";
import type { Facts } from "../../domain/evidence/evidence.ts";
import { seenWord } from "../../domain/evidence/evidence-figures.ts";
import { formatInstant } from "../../domain/run/time.ts";
import { plainLine } from "../../domain/text/plain-text.ts";
import { standingWords } from "../../domain/verification/verification.ts";
import { counted } from "../../messages/figures.ts";
import { checkWords, claimedBy, outcomeWord, wordText } from "../../messages/verification.ts";
import type { Style } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";
import { type ListedRun, textOf } from "./runs-table.ts";

const TEXT_CHARACTERS = 8_000;

type Row = [name: string, value: string | undefined];

/** Everything about one run, for a person. */
export function runText(
  run: ListedRun,
  lifecycle: ObservedRun | undefined,
  facts: Facts | undefined,
  style: Style,
): string {
  const { agent, execution, isOneOfSeveral, success, verifications, voided } = run;
  const { id, record, success: claimed, timestamp } = execution;
  const checks = checkWords(claimed, standingWords(verifications));
  const outcome = `${outcomeWord(success)}${checks === "" ? ", as the agent reported it" : `, ${checks}`}`;
  const known: Row[] = [
    ["Agent", plainLine(agent, 64)],
    ["Ended", style.when(timestamp)],
    ["Copies", isOneOfSeveral ? "other runs say exactly the same; none of them can be verified or voided" : undefined],
    ["Voided", voided === undefined ? undefined : voidedText(voided, style)],
    ["Outcome", (success ? style.good : style.bad)(outcome)],
    ...verifications.map((one, index): Row => {
      const evidence = one.evidence === undefined ? "" : `: ${plainLine(one.evidence, TEXT_CHARACTERS)}`;
      const back = one.withdrawn ? "taken back, " : "";
      return [index === 0 ? "Checks" : "", `${style.when(one.timestamp)} ${back}${wordText(one)}${evidence}`];
    }),
    ["Seen by hooks", lifecycle === undefined ? undefined : lifecycleText(lifecycle, style)],
    ...evidenceRows(facts),
  ];
  // What was said above is not said twice.
  const said = new Set(["id", "agent", "timestamp", "success"]);
  const others = Object.entries(record).filter(([name, value]) => !said.has(name) && value !== null);
  const recorded = others.map(([name, value]): Row => [plainLine(name, 40), plainLine(textOf(value), TEXT_CHARACTERS)]);
  const record_ = recorded.length === 0 ? "" : `\n${style.bold("As recorded")}\n${fields(recorded, style)}`;
  return `${(voided === undefined ? style.bold : style.struck)(id)}\n\n${fields(known, style)}${record_}`;
}

function voidedText({ by, reason, timestamp, unproven, via }: NonNullable<ListedRun["voided"]>, style: Style): string {
  const who = unproven === true ? claimedBy(by, via) : `by ${by}`;
  return `${style.when(timestamp)} ${who}: ${plainLine(reason, TEXT_CHARACTERS)}`;
}

function lifecycleText({ ended, firstSeenAt, reported }: ObservedRun, style: Style): string {
  const end = ended ? "its end too" : "still running or killed";
  return `since ${style.when(formatInstant(firstSeenAt))}, ${end}${reported ? ", and its report" : ""}`;
}

function evidenceRows(facts: Facts | undefined): Row[] {
  if (facts === undefined) return [];
  const { check, cost_usd, commits = [], duration_s, model, seen, tests, tokens } = facts;
  return [
    ["Seen", seen === undefined ? undefined : seenWord(seen)],
    ["Tests", tests === undefined ? undefined : `${tests.passed} passed, ${tests.failed} failed (${tests.runner})`],
    ["Our check", check?.replaceAll("_", " ")],
    ["Model seen", model],
    ["Took", duration_s === undefined ? undefined : `${duration_s} s`],
    ["Tokens", tokens === undefined ? undefined : `${tokens.input} in, ${tokens.output} out`],
    ["Cost", cost_usd === undefined || cost_usd === null ? undefined : `$${cost_usd.toFixed(4)}`],
    ["Commits", commits.length === 0 ? undefined : `${counted(commits.length, "commit")}, last ${commits[0]}`],
  ];
}
