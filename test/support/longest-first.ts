import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Of files that take several seconds, what comes last would be waited for alone. */
const long = [
  "contract/postgres",
  "postgres/own-server",
  "postgres/cut-connections",
  "postgres/silence",
  "postgres/outages",
  "page/page",
  "soak/soak",
  "readme/console",
  "readme/ci-steps",
  "git/hostile",
  "git/tree",
  "evidence/check",
  "evidence/ci",
  "evidence/transcripts",
  "cli/verify-commit",
  "cli/hook-faults",
  "package/tarball",
  "fault/killed",
  "fault/failing-calls",
  "fault/voiding",
  "fault/index",
  "contract/random-operations",
  "contract/merged-logs",
  "readme/simulated-errors",
];

/** Folders whose tests start programs, again and again. */
const startingPrograms = /[\\/]test[\\/](?:cli|dashboard|e2e|evidence|package|page|postgres|readme|soak)[\\/]/;

/**
 * Begins with the files that take longest. On a developer's machine the times of the last run put all in their order.
 *
 * Two things come before that. A worker ends if the next file is of another project, and the next one loads all modules
 * anew: so each project's files stand together. And a worker grows from file to file, and takes the longer to start a
 * program the more memory it has: so what starts programs comes early.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted
      .map((file) => ({ file, rank: rankOf(file) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ file }) => file);
  }
}

/** The lower, the earlier. */
function rankOf({ moduleId, project }: TestSpecification): number {
  const isLong = long.some((name) => moduleId.replaceAll("\\", "/").endsWith(`/${name}.test.ts`));
  return (project.name === "team" ? 0 : 4) + (startingPrograms.test(moduleId) ? 0 : 2) + (isLong ? 0 : 1);
}
