import * as z from "zod";
import { type ExecutionFilter, matchesFilter } from "../../../domain/run/filter.ts";
import { noReportSentence } from "../../../kaizen/figures/attention.ts";
import type { Kaizen, UnreadAgent } from "../../../kaizen/kaizen.ts";
import { runsOf, runsOfAll } from "../../../kaizen/queries/run-list.ts";
import type { SearchBounds } from "../../../kaizen/queries/search.ts";
import { emptinessNote, nothingYet } from "../../../messages/absence.ts";
import { unreadNote } from "../../../messages/unread.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { noneSearched, searchFlags, searchInBounds, searchNote } from "../../frame/long-search.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { checkedField, numberOf } from "../../input/field-flags.ts";
import { filterFlags, filterOf, filtersAre } from "../../input/filter-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { outcomeFlags, outcomeOf } from "../../input/outcome-flags.ts";
import { unreadPart } from "../../reports/agent-list.ts";
import { type ListedRun, listedVoided, runFigures, runsTable, withVoided } from "../../reports/runs-table.ts";

const self = { name: "runs" };
const DEFAULT_RUNS = 20;
const limitSchema = z.int().min(1).max(1_000);

export const runs = defineCommand({
  ...self,
  group: "read",
  summary: "The runs of every agent, or of one, newest first",
  details: [
    `The outcome is the one that counts: a checked result where there is one, otherwise the agent's own report. So --failure finds the
runs too that were reported as a success and refuted since. show RUN has everything about one.`,
    filtersAre,
  ],
  flags: {
    ...outcomeFlags("Runs that count as a success only", "Runs that count as a failure only"),
    ...filterFlags,
    last: {
      type: "string",
      short: "n",
      value: "NUMBER",
      or: "limit",
      description: `The newest so many, up to 1000 (default ${DEFAULT_RUNS}); -n is short for it`,
    },
    limit: { type: "string", value: "NUMBER", description: "The same as --last" },
    all: { type: "boolean", description: "Those that were voided too, struck through" },
    cursor: { type: "string", value: "TEXT", description: "Where the page before ended; with AGENT and without --all" },
    ...searchFlags,
  },
  positionals: { agent: { description: "Whose runs, e.g. code-reviewer; every agent's where it is left out" } },
  examples: [
    ["kaizen-metrics runs -n 5", "What ran last?"],
    ["kaizen-metrics runs code-reviewer --failure --since 7d", "Its failures of the last week"],
    ["kaizen-metrics runs --since yesterday --json | jq '.runs[].agent'", "For a program"],
  ],
  async run({ flags, positionals: { agent } }, context) {
    const filter = { ...filterOf(flags, context), success: outcomeOf(flags, self) };
    const limit = limitOf(flags);
    const { cursor } = flags;
    if (cursor !== undefined && agent === undefined) throw usageError("--cursor goes with AGENT.", self);
    if (cursor !== undefined && flags.all === true) throw usageError("--cursor goes without --all.", self);
    const kaizen = await context.kaizen();
    const known = agent === undefined ? undefined : await expectKnownAgent(kaizen, agent);
    const total = async () => (cursor === undefined ? runCount(kaizen, known) : undefined);
    const { exitCode, found, isStopped } = await searchInBounds(
      context,
      flags["search-all"] === true,
      total,
      (bounds) =>
        known === undefined
          ? every(kaizen, { filter, limit }, bounds)
          : one(kaizen, known, { filter, limit, cursor }, bounds),
    );
    const listed = flags.all === true ? await voidedToo(kaizen, known, { filter, limit }, found) : found;
    const { cutShort, isMore, next, runs, searched, unread } = listed;
    const isEmpty = runs.length === 0 && unread.length === 0;
    const isCut = cutShort > 0;
    const note = !isEmpty ? undefined : isCut ? noneSearched(searched) : await emptiness(kaizen, agent, cursor);
    const value = {
      runs: runs.map(runFigures),
      next_cursor: next ?? null,
      searched,
      is_complete: !isMore,
      ...unreadPart(unread),
    };
    const ended = { searched, isStopped, next, ...(known === undefined ? { cutAgents: cutShort } : {}) };
    const further = next === undefined ? takeMore : `More with --cursor ${next}`;
    const said = [
      ...(isCut ? [searchNote(ended)] : isMore ? [further] : []),
      ...(unread.length === 0 ? [] : [unreadNote(unread)]),
    ];
    return {
      value: note === undefined ? value : { ...value, note },
      text: (style) => (note === undefined ? runsTable(runs, { isOfAll: agent === undefined }, style) : `${note}\n`),
      ...(said.length === 0 ? {} : { note: said.join("\n") }),
      exitCode,
    };
  },
});

interface Listed {
  readonly runs: readonly ListedRun[];
  readonly next: string | undefined;
  readonly isMore: boolean;
  readonly searched: number;
  /** Of how many agents too few runs were found, and not all were searched. */
  readonly cutShort: number;
  readonly unread: readonly UnreadAgent[];
}

async function one(
  kaizen: Kaizen,
  agent: string,
  request: Parameters<typeof runsOf>[2],
  bounds: SearchBounds,
): Promise<Listed> {
  const { nextCursor: next, runs, searched } = await runsOf(kaizen, agent, request, bounds);
  const isMore = next !== undefined;
  return { runs, next, isMore, searched, cutShort: isMore && runs.length < request.limit ? 1 : 0, unread: [] };
}

async function every(kaizen: Kaizen, request: Parameters<typeof runsOfAll>[1], bounds: SearchBounds): Promise<Listed> {
  return { ...(await runsOfAll(kaizen, request, bounds)), next: undefined };
}

/** How many runs there are to search, as the figures have it. */
async function runCount(kaizen: Kaizen, agent: string | undefined): Promise<number> {
  const agents = agent === undefined ? (await kaizen.readAgents()).agents : [await kaizen.summary(agent)];
  return agents.reduce((sum, { summary }) => sum + summary.execution_count, 0);
}

const takeMore = "There are more: take a larger --last, or --until with the time of the oldest.";

/** The newest of both: runs, and voided ones that pass the filter by what they claimed, which is all that they still say. */
async function voidedToo(
  kaizen: Kaizen,
  agent: string | undefined,
  { filter, limit }: { readonly filter: ExecutionFilter; readonly limit: number },
  live: Listed,
): Promise<Listed> {
  const voided = await kaizen.voiding.voidedRuns(agent);
  const meant = voided.filter(({ execution }) => matchesFilter(execution, filter)).map(listedVoided);
  const all = withVoided(live.runs, meant);
  // A cursor knows the log only, where voided runs do not stand.
  return { ...live, runs: all.slice(0, limit), next: undefined, isMore: live.isMore || all.length > limit };
}

async function emptiness(kaizen: Kaizen, agent: string | undefined, cursor: string | undefined): Promise<string> {
  if (cursor !== undefined) return "No more runs.";
  if (agent !== undefined) return emptinessNote(kaizen, agent);
  const { agents } = await kaizen.readAgents();
  if (agents.length === 0) return nothingYet;
  const isNoneReported = agents.every(({ summary }) => summary.execution_count === 0);
  if (isNoneReported) return `${noReportSentence(agents)} kaizen-metrics summary shows what is known of them.`;
  return "No run of any agent passes these filters.";
}

function limitOf({ last, limit }: { readonly last: string | undefined; readonly limit: string | undefined }): number {
  if (last !== undefined && limit !== undefined) throw usageError("Use either --last or --limit.", self);
  const text = last ?? limit;
  const given = text === undefined ? DEFAULT_RUNS : numberOf(text);
  checkedField(limitSchema, last === undefined ? "limit" : "last", given, self);
  return limitSchema.parse(given);
}
