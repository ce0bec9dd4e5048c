import type { RunEvidence } from "../../domain/evidence/evidence.ts";
import { byCodePoint } from "../../domain/text/code-point-order.ts";
import type { JsonObject, JsonValue } from "../../domain/text/json.ts";
import {
  decisiveVerifier,
  foldVerifications,
  standingWords,
  verifiedOutcome,
} from "../../domain/verification/verification.ts";
import { digitsIn, type ScannedRun } from "../../kaizen/export.ts";
import { wordText } from "../../messages/verification.ts";
import { beginsFormula, formulaSigns } from "./formula-signs.ts";
import { jsonText } from "./json-text.ts";

/**
 * Comma-separated values as RFC 4180 has them, in the form that spreadsheets read right without being asked: lines end
 * with CR LF, and the text begins with a byte order mark, without which Excel takes UTF-8 for the code page of the country.
 *
 * Stands in for csv-stringify (15 kB), which would replace the quoting only: ten lines of this file.
 */
export const BYTE_ORDER_MARK = "\ufeff";

/**
 * What a table is written with. Where numbers have a decimal comma, spreadsheets take a file apart at semicolons, and a
 * number with a point for text or a date: so the two go together.
 */
export type CsvForm = "point" | "comma";

const separators = { point: ",", comma: ";" } as const;
/** What a spreadsheet of the other form takes a file apart at. */
const otherSeparators = { point: ";", comma: "," } as const;

/** What every run may have, in the order in which people ask for it. The verified ones are not in the record. */
const knownColumns = [
  "agent",
  "timestamp",
  "success",
  "verified",
  "verified_by",
  "quality_score",
  "execution_time_s",
  "task",
  "error_type",
  "error",
  "notes",
  "model",
  "version",
  "input_tokens",
  "output_tokens",
  "cost_usd",
  "id",
  "idempotency_key",
] as const;

/** What was seen of a run, which its own report may not say, or say otherwise. */
const evidenceColumns = [
  ...["seen", "seen_model", "seen_time_s", "seen_cost_usd"],
  ...["seen_input_tokens", "seen_output_tokens", "seen_cache_read_tokens", "seen_cache_write_tokens"],
  ...["seen_tool_errors", "seen_edits", "seen_check"],
] as const;

function evidenceCells(evidence: RunEvidence | undefined): Record<string, JsonValue | undefined> {
  const { check, cost_usd, duration_s, edits, model, seen, tokens, tool_errors } = evidence?.facts ?? {};
  return {
    seen,
    seen_model: model,
    seen_time_s: duration_s,
    seen_cost_usd: cost_usd,
    seen_input_tokens: tokens?.input,
    seen_output_tokens: tokens?.output,
    seen_cache_read_tokens: tokens?.cache_read,
    seen_cache_write_tokens: tokens?.cache_write,
    seen_tool_errors: tool_errors,
    seen_edits: edits,
    seen_check: check,
  };
}

/** What has no column of its own, as one JSON object. It is always there, so that nothing is ever left out. */
const OTHERS = "other_fields";
const derived: readonly string[] = ["verified", "verified_by", "claimed_by", ...evidenceColumns, OTHERS];

/** A spreadsheet with more columns is no help, and agents may have given each run a key of its own. */
const MAX_OTHER_COLUMNS = 100;
const MAX_COUNTED_KEYS = 10_000;
const LONGEST_TITLE = 200;

/** Finds the columns that only some exports have: of what stands beside runs, and of the most frequent keys of their own. */
export class OtherColumns {
  readonly #counts = new Map<string, number>();
  #isClaimed = false;
  #isEvident = false;

  addRun(run: ScannedRun, evidence: RunEvidence | undefined): void {
    this.#isClaimed ||= run.verifications.some(({ unproven }) => unproven === true);
    this.#isEvident ||= evidence !== undefined;
    this.add(run.execution.record);
  }

  add(record: JsonObject): void {
    for (const key of Object.keys(record)) {
      const isKnown = knownColumns.some((column) => column === key) || derived.includes(key);
      if (isKnown || key === "" || key.length > LONGEST_TITLE) continue;
      const count = this.#counts.get(key);
      if (count !== undefined || this.#counts.size < MAX_COUNTED_KEYS) this.#counts.set(key, (count ?? 0) + 1);
    }
  }

  /** What stands beside runs comes first, if a run has any of it; keys of their own follow by name. */
  chosen(): string[] {
    const byCount = [...this.#counts].sort(([a, m], [b, n]) => n - m || byCodePoint(a, b));
    const own = byCount
      .slice(0, MAX_OTHER_COLUMNS)
      .map(([key]) => key)
      .sort(byCodePoint);
    return [...(this.#isClaimed ? ["claimed_by"] : []), ...(this.#isEvident ? evidenceColumns : []), ...own];
  }
}

/** The header, and what makes a row of a run, where the keys of these names have columns of their own. */
export function csvTable(
  others: readonly string[],
  form: CsvForm,
): {
  header: string;
  row: (agent: string, run: ScannedRun, evidence?: RunEvidence | undefined) => string;
} {
  const columns: readonly string[] = [...knownColumns, ...others];
  const own = new Set(columns.filter((column) => !derived.includes(column)));
  return {
    header: csvLine(
      [...columns, OTHERS].map((column) => textCell(column, form)),
      form,
    ),
    row(agent, run, evidence) {
      const values = { ...valuesOf(agent, run), ...evidenceCells(evidence) };
      const digits = digitsIn(run.text);
      const rest = Object.entries(run.execution.record).filter(([key]) => !own.has(key));
      const cells = columns.map((column) => {
        // A number that was measured keeps its digits; the agent and the verdict are not those of the record.
        const written = column === "agent" || derived.includes(column) ? undefined : digits.get(column);
        if (written !== undefined) return numberCell(written, form);
        return cell(Object.hasOwn(values, column) ? values[column] : undefined, form);
      });
      return csvLine([...cells, rest.length === 0 ? "" : cell(Object.fromEntries(rest), form)], form);
    },
  };
}

function valuesOf(agent: string, { verifications, execution }: ScannedRun): Record<string, JsonValue | undefined> {
  const [checked] = foldVerifications(verifications).values();
  const unproven = standingWords(verifications).filter((word) => word.unproven === true);
  return {
    ...execution.record,
    agent,
    verified: checked === undefined ? undefined : verifiedOutcome(checked),
    verified_by: checked === undefined ? undefined : decisiveVerifier(checked),
    claimed_by: unproven.length === 0 ? undefined : unproven.map(wordText).join("; "),
  };
}

function csvLine(cells: readonly string[], form: CsvForm): string {
  return `${cells.join(separators[form])}\r\n`;
}

function cell(value: JsonValue | undefined, form: CsvForm): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return textCell(value, form);
  if (typeof value === "object") return quoted(jsonCell(value, form));
  return typeof value === "number" ? numberCell(String(value), form) : String(value);
}

function numberCell(digits: string, form: CsvForm): string {
  return form === "comma" ? digits.replace(".", ",") : digits;
}

/**
 * Text that agents wrote. A spreadsheet takes a cell that begins with certain signs for a formula, and may then fetch
 * addresses or run commands: with an apostrophe before it the cell is text (OWASP, "CSV Injection"). So is what would
 * begin a cell for a spreadsheet that is set to another separator.
 */
function textCell(text: string, form: CsvForm): string {
  const shown = printable(text);
  const parts: string[] = [];
  let done = 0;
  for (const at of formulaSigns(shown, otherSeparators[form])) {
    parts.push(shown.slice(done, at), "'");
    done = at;
  }
  const safe = parts.join("") + shown.slice(done);
  return quoted(beginsFormula(shown) ? `'${safe}` : safe);
}

/** In JSON such a sign is escaped in a string; outside of one it is that of a number, and stays. */
function jsonCell(value: JsonValue, form: CsvForm): string {
  const shown = printable(jsonText(value));
  const parts: string[] = [];
  let done = 0;
  let isInString = false;
  let read = 0;
  for (const at of formulaSigns(shown, otherSeparators[form])) {
    for (; read < at; read += 1) {
      const unit = shown.charAt(read);
      if (unit === "\\") read += 1;
      else if (unit === '"') isInString = !isInString;
    }
    if (!isInString) continue;
    parts.push(shown.slice(done, at), `\\u${shown.charCodeAt(at).toString(16).padStart(4, "0")}`);
    done = at + 1;
  }
  return parts.join("") + shown.slice(done);
}

function quoted(text: string): string {
  return /[",;\n\t]|^\s|\s$/.test(text) ? `"${text.replaceAll(/"/g, '""')}"` : text;
}

/** Nothing that steers a terminal, or turns the direction of the line. */
function printable(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n").replaceAll(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
