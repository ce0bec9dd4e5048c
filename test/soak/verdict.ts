import { readFileSync } from "node:fs";
import { DAY_MS, formatInstant } from "../../src/domain/run/time.ts";
import { isJsonObject, type JsonObject } from "../../src/domain/text/json.ts";
import { createJsonlStore } from "../../src/storage/jsonl/store.ts";
import { logPath } from "../support/foreign-writer.ts";
import { REVIEWER } from "../support/runs.ts";
import { type Control, fileSystemWithout } from "./controls.ts";
import { type Fact, readFacts } from "./oracle.ts";
import { RETENTION_DAYS } from "./roles.ts";

export interface Verdict {
  readonly counts: Record<string, number>;
  /** What was promised and not kept, in words; empty where everything was. */
  readonly problems: string[];
}

/** Holds what is on disk, read without the store's help, against what the workers were told. */
export async function judge(root: string, oracles: string, control: Control): Promise<Verdict> {
  const fileSystem = fileSystemWithout(control);
  const settings = { projectRoot: root, retentionDays: RETENTION_DAYS, now: Date.now, onNotice: () => {}, fileSystem };
  const { runs: executions } = createJsonlStore(settings);
  // The last ones to die may have left a lock, and late lines in an old file.
  await executions.prune(REVIEWER);
  const { records, unreadable } = readRecords(readFileSync(logPath(root, REVIEWER), "utf8"));
  const facts = readFacts(oracles);
  const found = {
    ids: countBy(records, "id"),
    keys: countBy(records, "idempotency_key"),
    foreign: countBy(records, "n"),
  };

  const problems = facts.flatMap((fact) => (fact.kind === "wrong" ? [fact.what] : []));
  const missing = (what: string, name: string) => problems.push(`${what} ${name} was acknowledged, and is not there`);
  for (const fact of facts) {
    if (fact.kind === "run" && !found.ids.has(fact.id)) missing("run", fact.id);
    if (fact.kind === "key" && !found.ids.has(fact.id)) missing("run", `${fact.id} of ${fact.key}`);
    if (fact.kind === "foreign" && !found.foreign.has(fact.n)) missing("line", `${fact.n} of an unlocked writer`);
  }
  for (const [what, counts] of Object.entries(found)) {
    for (const [name, count] of counts) if (count > 1) problems.push(`${name} (${what}) is there ${count} times`);
  }
  for (const [key, ids] of idsByKey(facts)) {
    if (ids.size > 1) problems.push(`${key} was acknowledged as ${[...ids].join(" and ")}`);
  }
  const counted = (await executions.overview(REVIEWER)).view.tally.runs;
  const live = records.filter(
    (record) => String(record.timestamp) > formatInstant(Date.now() - RETENTION_DAYS * DAY_MS),
  );
  if (counted !== live.length) problems.push(`the log holds ${live.length} live runs, and ${counted} are counted`);
  await executions.close();
  const count = (kind: Fact["kind"]) => facts.filter((fact) => fact.kind === kind).length;
  return {
    counts: {
      "runs acknowledged": count("run"),
      "keyed calls acknowledged": count("key"),
      "shared keys": idsByKey(facts).size,
      "unlocked lines acknowledged": count("foreign"),
      prunes: count("pruned"),
      repairs: count("repaired"),
      "summaries read": count("read"),
      "runs in the log": live.length,
      "unreadable pieces": unreadable,
    },
    problems,
  };
}

/** Splits glued lines as well: none of the workers' records holds a brace of its own. */
function readRecords(log: string): { records: JsonObject[]; unreadable: number } {
  const records: JsonObject[] = [];
  let unreadable = 0;
  for (const piece of log.split(/\n|(?<=\})(?=\{)/)) {
    if (piece === "") continue;
    try {
      const value: unknown = JSON.parse(piece);
      if (isJsonObject(value)) records.push(value);
    } catch {
      unreadable += 1;
    }
  }
  return { records, unreadable };
}

function countBy(records: readonly JsonObject[], field: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) {
    const value = record[field];
    if (typeof value === "string") counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

function idsByKey(facts: readonly Fact[]): Map<string, Set<string>> {
  const byKey = new Map<string, Set<string>>();
  for (const fact of facts) {
    if (fact.kind !== "key") continue;
    byKey.set(fact.key, (byKey.get(fact.key) ?? new Set()).add(fact.id));
  }
  return byKey;
}
