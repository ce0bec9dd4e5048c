import { createReadStream, statSync } from "node:fs";
import { KaizenError } from "../../errors.ts";
import { readJunit } from "../../evidence/reports/junit.ts";
import type { TestReport } from "../../evidence/reports/report.ts";
import { readTap } from "../../evidence/reports/tap.ts";
import { readVitest } from "../../evidence/reports/vitest.ts";
import { counted } from "../../messages/figures.ts";
import { standingOnCommandLine } from "../caller/caller.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { usageError } from "../frame/parse-arguments.ts";
import { fileFailure } from "../input/file-failure.ts";
import { readFromStdin } from "../input/stdin-text.ts";
import { verifyCommit } from "../verifying/commit.ts";
import type { ReportForm } from "./report-form.ts";
import { orMissing } from "./source.ts";

const readers = { junit: readJunit, tap: readTap, vitest: readVitest } as const satisfies Record<ReportForm, unknown>;

const self = { name: "import" };

/** Reads what a test run reported, and verifies the runs of its commit by it. */
export async function importTestReport(
  form: ReportForm,
  path: string,
  commit: string | undefined,
  context: CommandContext,
): Promise<Outcome> {
  if (commit === undefined) throw usageError(`import ${form} needs --commit, with the id of what was tested.`, self);
  if (path === "") throw usageError("FILE names nothing.", self);
  if (path === "-" && context.stdin.isTerminal) {
    throw usageError("stdin is a terminal: pipe a report into it, or name its file.", self);
  }
  const report = await readers[form](path === "-" ? readFromStdin(context.stdin.chunks()) : chunksOf(path, form));
  const { failed, skipped, success, tests } = report;
  if (tests - skipped === 0) {
    throw new KaizenError("INVALID_ARGUMENT", "No test ran in this report, so it says nothing of the commit.", {
      hint: "Import the report of a run with tests in it.",
    });
  }
  const evidence = `${form}: ${tests - failed - skipped} passed, ${failed} failed, ${skipped} skipped`;
  const done = await verifyCommit(commit, { success, standing: standingOnCommandLine(context), evidence }, context);
  return {
    ...done,
    value: { report, ...Object(done.value) },
    text: (style) => `${reportText(report)}\n${done.text(style)}`,
  };
}

function reportText({ failed, runner, skipped, tests }: TestReport): string {
  const left = skipped === 0 ? "" : `, ${skipped} skipped`;
  return `${runner}: ${counted(tests, "test")}, ${failed} failed${left}.`;
}

async function* chunksOf(path: string, form: ReportForm): AsyncGenerator<Buffer> {
  if (!orMissing(path, () => statSync(path)).isFile()) {
    throw new KaizenError("INVALID_ARGUMENT", `${shown(path)} is no plain file, and is not read.`, {
      hint: `Name the report itself, or pipe what it gives into kaizen-metrics import ${form} -.`,
    });
  }
  try {
    yield* createReadStream(path);
  } catch (error) {
    throw fileFailure(shown(path), "read", error);
  }
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 300));
}
