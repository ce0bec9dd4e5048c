import { BaseSequencer, type TestSpecification } from "vitest/node";
import { kinds } from "./kinds.ts";

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

/**
 * Begins with the files that take longest. On a developer's machine the times of the last run put all in their order.
 *
 * Before that, each kind's files stand together: a worker ends if the next file is of another, and the next worker loads
 * all modules anew.
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
  return 2 * kinds.findIndex(({ name }) => name === project.name) + (isLong ? 0 : 1);
}
