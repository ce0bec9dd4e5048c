import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Of files that take ten seconds and more, what comes last would be waited for alone. */
const long = [
  "page/page",
  "soak/soak",
  "evidence/check",
  "evidence/ci",
  "evidence/transcripts",
  "fault/killed",
  "fault/failing-calls",
  "readme/console",
  "readme/ci-steps",
  "readme/simulated-errors",
  "cli/hook-faults",
  "package/tarball",
];

/** Begins with the files that take longest. On a developer's machine the times of the last run put all in their order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.some((name) => moduleId.endsWith(`/${name}.test.ts`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
