import { linesOf } from "./lines.ts";
import { type Counts, reportOf, type TestReport, unreadable } from "./report.ts";
import { type ReportSource, reportText } from "./report-text.ts";

/**
 * Reads a report of the Test Anything Protocol, versions 12 to 14 (testanything.org): test points, the plan, the
 * directives SKIP and TODO, subtests by four spaces, blocks of YAML, "Bail out!". Fails with a `KaizenError`.
 *
 * A point that sums its subtests up is no test of its own, unless it failed and none of them did. A test that was
 * planned and did not run has failed; and so has the run if it bailed out.
 */
export async function readTap(source: ReportSource): Promise<TestReport> {
  const tap = new TapCounter();
  for await (const line of linesOf(reportText(source))) tap.take(line);
  return reportOf("tap", tap.counts());
}

const point = /^( *)(not )?ok(?= |$)(.*)$/;
const planned = /^1\.\.(\d{1,9})(?= |$)/;
const directive = /(?:^|\s)#\s*(?:(skip)|todo\b)/i;
const yamlStart = /^ *---\s*$/;
const bailOut = /^ *Bail out!/;
/** Ends the subtests of a point that stands before them, which ends in an opening brace. */
const subtestsEnd = /^( *)\}\s*$/;

interface Point {
  readonly isOk: boolean;
  readonly isSkipped: boolean;
  readonly isTodo: boolean;
}

/** The points at one level since its parent began. */
interface Level {
  points: number;
  tests: number;
  failed: number;
  skipped: number;
  /** The point whose subtests, in braces, are being read. */
  open?: Point | undefined;
}

class TapCounter {
  /** From the outermost in. A subtest's level is there until the point that sums it up. */
  readonly #levels: Level[] = [emptyLevel()];
  #plan: number | undefined;
  #isBailedOut = false;
  /** The line that ends the block of YAML that we are in. */
  #yamlEnd: string | undefined;

  take(line: string): void {
    if (this.#yamlEnd !== undefined) {
      if (line.trimEnd() === this.#yamlEnd) this.#yamlEnd = undefined;
      return;
    }
    if (yamlStart.test(line)) {
      this.#yamlEnd = line.trimEnd().replace("---", "...");
      return;
    }
    if (bailOut.test(line)) this.#isBailedOut = true;
    const plan = planned.exec(line);
    if (plan !== null) this.#takePlan(Number(plan[1]));
    const end = subtestsEnd.exec(line)?.[1];
    if (end !== undefined) this.#endSubtests(end.length / 4);
    const [, indent, not, rest = ""] = point.exec(line) ?? [];
    if (indent === undefined || indent.length % 4 !== 0) return;
    const one = { isOk: not === undefined, ...directiveIn(rest) };
    if (rest.endsWith("{")) this.#levelAt(indent.length / 4).open = one;
    else this.#takePoint(indent.length / 4, one);
  }

  counts(): Counts {
    const { failed, points, skipped, tests } = this.#levels[0] ?? emptyLevel();
    if (this.#plan === undefined && !this.#isBailedOut) {
      const isTap = points > 0;
      throw unreadable(
        isTap ? "The report has no plan, such as 1..12: it was cut off." : "The report is no TAP: it has no plan.",
        isTap ? "Look whether the test run came to its end." : "Have the test runner write TAP.",
      );
    }
    // Points beyond the plan have failed as well.
    const unplanned = this.#plan === undefined ? 0 : Math.abs(this.#plan - points);
    const further = Math.max(unplanned, this.#isBailedOut && failed === 0 ? 1 : 0);
    return { tests: Math.max(tests + further, failed + further), failed: failed + further, skipped };
  }

  #takePlan(count: number): void {
    if (this.#plan !== undefined) {
      throw unreadable("The report has two plans: it is several reports in one.", "Import each of them by itself.");
    }
    this.#plan = count;
  }

  #endSubtests(depth: number): void {
    const level = this.#levels[depth];
    if (level?.open === undefined) return;
    this.#takePoint(depth, level.open);
    level.open = undefined;
  }

  #levelAt(depth: number): Level {
    const known = this.#levels[depth];
    if (known !== undefined) return known;
    // Subtests of subtests come without a line in between, if those were cut.
    while (this.#levels.length < depth) this.#levels.push(emptyLevel());
    const level = emptyLevel();
    this.#levels.push(level);
    return level;
  }

  #takePoint(depth: number, { isOk, isSkipped, isTodo }: Point): void {
    const level = this.#levelAt(depth);
    const subtests = this.#levels[depth + 1];
    this.#levels.length = depth + 1;
    level.points += 1;
    const isFailed = !isOk && !isTodo && !isSkipped;
    if (subtests === undefined || subtests.tests === 0) {
      level.tests += 1;
      level.failed += isFailed ? 1 : 0;
      level.skipped += isSkipped || isTodo ? 1 : 0;
      return;
    }
    const isExcused = isTodo || isSkipped;
    const ofItsOwn = isFailed && subtests.failed === 0 ? 1 : 0;
    level.tests += subtests.tests + ofItsOwn;
    level.failed += (isExcused ? 0 : subtests.failed) + ofItsOwn;
    level.skipped += subtests.skipped + (isExcused ? subtests.failed : 0);
  }
}

function directiveIn(rest: string): Pick<Point, "isSkipped" | "isTodo"> {
  const found = directive.exec(rest);
  const isSkipped = found?.[1] !== undefined;
  return { isSkipped, isTodo: found !== null && !isSkipped };
}

function emptyLevel(): Level {
  return { points: 0, tests: 0, failed: 0, skipped: 0 };
}
