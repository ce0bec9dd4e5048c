import * as z from "zod";
import { standingWords } from "../../../domain/verification/verification.ts";
import type { Kaizen, Page } from "../../../kaizen/kaizen.ts";
import { searchRuns } from "../../../kaizen/queries/search.ts";
import { emptinessNote } from "../../../messages/absence.ts";
import { decimal } from "../../../messages/figures.ts";
import { saidOfRuns } from "../../../messages/said.ts";
import { wordText } from "../../../messages/verification.ts";
import { defineCommand } from "../../frame/define-command.ts";
import { noneSearched, searchFlags, searchInBounds, searchNote } from "../../frame/long-search.ts";
import { checkedField, numberOf } from "../../input/field-flags.ts";
import { filterFlags, filterOf, filtersAre } from "../../input/filter-flags.ts";
import { expectKnownAgent } from "../../input/known-agent.ts";
import { outcomeFlags, outcomeOf } from "../../input/outcome-flags.ts";
import { errorOrNotes, textOf } from "../../reports/runs-table.ts";
import type { Style } from "../../terminal/style.ts";
import { type Cell, type Column, table } from "../../terminal/table.ts";

const self = { name: "executions" };
const DEFAULT_RUNS = 20;
const limitSchema = z.int().min(1).max(1_000);

export const executions = defineCommand({
  ...self,
  group: "read",
  unlisted: true,
  summary: "The old name of runs: an agent's runs as they were recorded, newest first",
  details: [
    `The table shows what each run says of itself, and what verifications found; with --json the whole records. Where there are more runs, the cursor
of the next page is told on stderr, and with --json it is next_cursor.`,
    filtersAre,
  ],
  flags: {
    ...outcomeFlags("Successful runs only", "Failed runs only"),
    ...filterFlags,
    limit: { type: "string", value: "NUMBER", description: `At most so many, up to 1000 (default ${DEFAULT_RUNS})` },
    cursor: { type: "string", value: "TEXT", description: "Where the page before ended" },
    ...searchFlags,
  },
  positionals: { agent: { required: true, description: "Whose runs, e.g. code-reviewer" } },
  examples: [
    ["kaizen-metrics executions code-reviewer --failure --limit 5", "The last five failures"],
    ["kaizen-metrics executions code-reviewer --since 2026-11-01 --json | jq '.executions[].error'", "For a program"],
  ],
  async run({ flags, positionals: { agent } }, context) {
    const filter = { ...filterOf(flags, context), success: outcomeOf(flags, self) };
    const { cursor } = flags;
    const limit = limitOf(flags.limit);
    const kaizen = await context.kaizen();
    const known = await expectKnownAgent(kaizen, agent);
    const total = async () =>
      cursor === undefined ? (await kaizen.summary(known)).summary.execution_count : undefined;
    const { exitCode, found, isStopped } = await searchInBounds(
      context,
      flags["search-all"] === true,
      total,
      (bounds) => searchRuns(kaizen, known, { filter, limit, cursor }, bounds),
    );
    const { executions: runs, nextCursor: next, searched } = found;
    const isMore = next !== undefined;
    const isCut = isMore && runs.length < limit;
    const note = runs.length > 0 ? undefined : await emptiness(kaizen, known, { searched, isCut, cursor });
    const verifications = saidOfRuns(found.verifications);
    const value = {
      executions: runs.map(({ record }) => record),
      ...(verifications === undefined ? {} : { verifications }),
      next_cursor: next ?? null,
      searched,
      is_complete: !isMore,
    };
    const further = isCut ? searchNote({ searched, isStopped, next }) : `More with --cursor ${next}`;
    return {
      value: note === undefined ? value : { ...value, note },
      text: (style) => (note === undefined ? runsTable(found, style) : `${note}\n`),
      ...(isMore ? { note: further } : {}),
      exitCode,
    };
  },
});

async function emptiness(
  kaizen: Kaizen,
  agent: string,
  { cursor, isCut, searched }: { searched: number; isCut: boolean; cursor: string | undefined },
): Promise<string> {
  if (isCut) return noneSearched(searched);
  return cursor === undefined ? emptinessNote(kaizen, agent) : "No more runs.";
}

function limitOf(text: string | undefined): number {
  const given = text === undefined ? DEFAULT_RUNS : numberOf(text);
  checkedField(limitSchema, "limit", given, self);
  return limitSchema.parse(given);
}

const columns: readonly Column[] = [
  { title: "ended" },
  { title: "outcome" },
  { title: "quality", align: "right", dispensable: 2 },
  { title: "time", align: "right", dispensable: 3 },
  { title: "task", flexible: true, dispensable: 4 },
  { title: "id", dispensable: 1 },
  { title: "error or notes", flexible: true, below: true, dispensable: 0 },
];

function runsTable({ executions: runs, verifications }: Page, style: Style): string {
  const said = (id: string) => standingWords(verifications.get(id) ?? []).map(wordText);
  const isAnySaid = verifications.size > 0;
  const rows = runs.map(({ id, quality, record, success, timeS, timestamp }): Cell[] => [
    timestamp ?? "n/a",
    success ? { text: "success", paint: style.good } : { text: "failure", paint: style.bad },
    ...(isAnySaid ? [said(id).join("; ")] : []),
    quality === undefined ? "" : decimal(quality, 2),
    timeS === undefined ? "" : `${decimal(timeS, 1)} s`,
    textOf(record.task),
    id,
    errorOrNotes(record),
  ]);
  return table(isAnySaid ? columns.toSpliced(2, 0, { title: "verified", dispensable: 1 }) : columns, rows, style);
}
