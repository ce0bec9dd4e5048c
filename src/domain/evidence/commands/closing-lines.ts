/** What the closing lines of test runners say. */
interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export interface Closing extends Counts {
  /** The runner whose form the last of the lines has. */
  readonly runner: string;
}

type Groups = Record<string, string | undefined>;

/** A form that a line of a runner has, as a whole. */
interface Form {
  readonly runner: string;
  /**
   * May name `passed`, `failed`, `errors` (which have failed as well), and `total` in the place of `passed`; `units` are
   * files or suites that have failed, perhaps without one test that did.
   */
  readonly line: RegExp;
}

/** By the first that fits. Each of them fits or fails in one walk over the line. */
const forms: readonly Form[] = [
  {
    runner: "jest",
    line: /^Tests: +(?:(?<failed>\d+) failed, )?(?:\d+ (?:skipped|todo|pending), ){0,3}(?:(?<passed>\d+) passed, )?\d+ total$/,
  },
  {
    runner: "vitest",
    line: /^Tests {2,}(?:(?<failed>\d+) failed)?(?: \| )?(?:(?<passed>\d+) passed)?(?:(?: \| )?\d+ (?:skipped|todo)){0,2} \(\d+\)$/,
  },
  { runner: "jest", line: /^Test Suites: +(?<units>\d+) failed, .{0,80}$/ },
  { runner: "vitest", line: /^(?:Test Files|Errors) {2,}(?<units>\d+) (?:failed|errors?)(?: .{0,80})?$/ },
  {
    runner: "phpunit",
    line: /^Tests: +(?:(?<failed>\d+) failed, )?(?:\d+ \w{1,20}, ){0,5}(?:(?<passed>\d+) passed )?\(\d+ assertions?\)$/,
  },
  { runner: "phpunit", line: /^OK \((?<passed>\d+) tests?, \d+ assertions?\)$/ },
  {
    runner: "phpunit",
    line: /^Tests: (?<total>\d+), Assertions: \d+(?:, Errors: (?<errors>\d+))?(?:, Failures: (?<failed>\d+))?(?:, [A-Z][\w ]{1,30}: \d+){0,6}\.$/,
  },
  { runner: "mocha", line: /^(?<passed>\d+) passing(?: \(\d+\w{1,2}\))?$/ },
  { runner: "mocha", line: /^(?<failed>\d+) failing$/ },
  { runner: "node", line: /^[#ℹ] pass (?<passed>\d+)$/ },
  { runner: "node", line: /^[#ℹ] fail (?<failed>\d+)$/ },
  { runner: "bun", line: /^(?<passed>\d+) pass$/ },
  { runner: "bun", line: /^(?<failed>\d+) fail$/ },
  { runner: "ava", line: /^(?<passed>\d+) tests? passed$/ },
  { runner: "ava", line: /^(?<failed>\d+) tests? failed$/ },
  { runner: "playwright", line: /^(?<passed>\d+) passed \(\d[\d.]{0,9}m?s?\)$/ },
  { runner: "playwright", line: /^(?<failed>\d+) failed$/ },
  { runner: "cargo", line: /^test result: (?:ok|FAILED)\. (?<passed>\d+) passed; (?<failed>\d+) failed; .{0,100}$/ },
  {
    runner: "cargo",
    line: /^Summary \[ {0,9}[\d.]{1,12}s\] +\d+(?:\/\d+)? tests? run: (?<passed>\d+) passed(?: \([^()]{1,40}\))?(?:, (?<failed>\d+) failed)?(?:, .{0,60})?$/,
  },
  {
    runner: "go",
    line: /^DONE (?<total>\d+) tests?(?:, \d+ skipped)?(?:, (?<failed>\d+) failures?)?(?:, (?<errors>\d+) errors?)? in [\d.]{1,12}s$/,
  },
  {
    runner: "maven",
    line: /^(?:\[\w{1,10}\] +)?Tests run: (?<total>\d+), Failures: (?<failed>\d+), Errors: (?<errors>\d+)(?:, Skipped: \d+)?$/,
  },
  { runner: "gradle", line: /^(?<total>\d+) tests? completed(?:, (?<failed>\d+) failed)?(?:, \d+ skipped)?$/ },
  {
    runner: "dotnet",
    line: /^(?:Passed|Failed)! {1,3}- Failed: +(?<failed>\d+), Passed: +(?<passed>\d+), Skipped: .{0,300}$/,
  },
  { runner: "rspec", line: /^(?<total>\d+) examples?, (?<failed>\d+) failures?(?:, \d+ [\w ]{1,60}){0,2}$/ },
  {
    runner: "rake",
    line: /^(?<total>\d+) (?:runs|tests), \d+ assertions, (?<failed>\d+) failures, (?<errors>\d+) errors(?:, \d+ \w{1,20}){0,3}$/,
  },
  { runner: "ctest", line: /^\d+% tests passed, (?<failed>\d+) tests? failed out of (?<total>\d+)$/ },
  {
    runner: "deno",
    line: /^(?:ok|FAILED) \| (?<passed>\d+) passed(?: \(\d+ steps?\))? \| (?<failed>\d+) failed(?: .{0,60})?$/,
  },
  {
    runner: "mix",
    line: /^(?:\d+ (?:doctests?|propert(?:y|ies)), ){0,2}(?<total>\d+) tests?, (?<failed>\d+) failures?(?:, \d+ \w{1,20}){0,3}$/,
  },
  {
    runner: "swift",
    line: /^Executed (?<total>\d+) tests?, with (?<failed>\d+) failures?(?: \(\d+ unexpected\))?(?: in .{1,60})?$/,
  },
  {
    runner: "dart",
    line: /^\d\d:\d\d \+(?<passed>\d+)(?: ~\d+)?(?: -(?<failed>\d+))?: (?:All tests passed!|Some tests failed\.)$/,
  },
  { runner: "sbt", line: /^(?:\[\w{1,10}\] )?Tests: succeeded (?<passed>\d+), failed (?<failed>\d+), .{0,80}$/ },
  { runner: "zig", line: /^All (?<passed>\d+) tests passed\.$/ },
];

const pytestLine =
  /^=* ?((?:(?:, )?\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun|subtests passed)){1,12}) in [\d.:]{1,12} ?s(?: \([\d:, a-z]{1,30}\))? ?=*$/;
const noTests = /^=* ?no tests ran(?: in [\d.]{1,12}s)? ?=*$|^No tests? (?:files? )?found\b.{0,200}$/;
const unittestRan = /^Ran (?<total>\d+) tests? in [\d.]{1,12}s$/;
const unittestFailed = /^FAILED \((?<list>[a-z =,\d]{1,120})\)$/;
const goPassed = /^ok\s{1,9}\S+\s{1,9}(?:[\d.]{1,12}s|\(cached\))(?:\s.{0,80})?$/;
const goPackageFailed = /^FAIL\s{1,9}\S+\s{1,9}(?:[\d.]{1,12}s|\[\w[\w ]{0,30}\])$/;
const goTestFailed = /^--- FAIL: \S+ \([\d.]{1,12}s\)$/;

/** A line that is longer is none that a runner closes with. */
const LONGEST_LINE = 1000;
/** A larger number is no count of tests. */
const MOST_TESTS = 1e9;

/**
 * What a runner says at its end, added up over all that one command ran; `undefined` if it says nothing of the kind. A
 * run of no tests has counts of 0. Each rule is for whole lines, so that a sentence about tests is none.
 *
 * @param output Plain text: see `plainOutput`.
 */
export function closingOf(output: string): Closing | undefined {
  const reading = new ClosingReading();
  for (let from = 0; from <= output.length; ) {
    const at = output.indexOf("\n", from);
    const end = at < 0 ? output.length : at;
    if (end - from <= LONGEST_LINE) reading.add(output.slice(from, end));
    from = end + 1;
  }
  return reading.closing();
}

/** A word that is in each of the forms: of a long output, few lines have one. */
const tells = /pass|fail|error|skip|deselect|total|complete|assertion|no tests?\b|^\s{0,20}(?:ok|ran|done)\b/i;

class ClosingReading {
  #passed = 0;
  #failed = 0;
  #runner: string | undefined;
  /** What unittest has counted, until it says how that went. */
  #ran: number | undefined;
  #failedUnits = 0;

  closing(): Closing | undefined {
    if (this.#runner === undefined) return undefined;
    return { passed: this.#passed, failed: this.#failed || this.#failedUnits, runner: this.#runner };
  }

  add(whole: string): void {
    if (!tells.test(whole)) return;
    const line = whole.trim();
    if (this.#ofPython(line) || this.#ofGo(line)) return;
    for (const { line: form, runner } of forms) {
      const found = form.exec(line);
      if (found === null) continue;
      this.#count(runner, found.groups ?? {});
      return;
    }
  }

  #ofPython(line: string): boolean {
    const list = pytestLine.exec(line)?.[1];
    if (list !== undefined) {
      const failed = numberOf(list, "failed") + numberOf(list, "error");
      this.#take("pytest", { passed: numberOf(list, "passed"), failed });
    } else if (noTests.test(line)) this.#take("pytest", { passed: 0, failed: 0 });
    else if (unittestRan.test(line)) this.#ran = Math.min(Number(unittestRan.exec(line)?.groups?.total), MOST_TESTS);
    else if (this.#ran !== undefined && /^OK\b/.test(line)) this.#endUnittest(this.#ran, 0);
    else if (this.#ran !== undefined && unittestFailed.test(line)) {
      const counts = (unittestFailed.exec(line)?.groups?.list ?? "").split(", ");
      const failures = counts.map((count) => Number(/^(?:failures|errors)=(\d+)$/.exec(count)?.[1] ?? 0));
      const failed = Math.max(
        1,
        failures.reduce((sum, each) => sum + each, 0),
      );
      this.#endUnittest(this.#ran - failed, failed);
    } else return false;
    return true;
  }

  #endUnittest(passed: number, failed: number): void {
    this.#ran = undefined;
    this.#take("unittest", { passed: Math.max(0, passed), failed });
  }

  /** It names each package and each test that failed, and counts neither. */
  #ofGo(line: string): boolean {
    const [passed, failedPackage, failedTest] = [goPassed, goPackageFailed, goTestFailed].map((one) => one.test(line));
    if (!passed && !failedPackage && !failedTest) return false;
    if (failedPackage) this.#failedUnits++;
    this.#take("go", { passed: passed ? 1 : 0, failed: failedTest ? 1 : 0 });
    return true;
  }

  #count(runner: string, groups: Groups): void {
    const of = (name: string) => Math.min(Number(groups[name] ?? 0), MOST_TESTS);
    this.#failedUnits += of("units");
    const failed = of("failed") + of("errors");
    this.#take(runner, {
      passed: groups.total === undefined ? of("passed") : Math.max(0, of("total") - failed),
      failed,
    });
  }

  #take(runner: string, { failed, passed }: Counts): void {
    this.#passed = Math.min(this.#passed + passed, MOST_TESTS);
    this.#failed = Math.min(this.#failed + failed, MOST_TESTS);
    this.#runner = runner;
  }
}

/** How many of a kind a list such as "1 failed, 2 passed" names. */
function numberOf(list: string, kind: string): number {
  const item = list.split(", ").find((one) => one.replace(/s$/, "").endsWith(` ${kind}`));
  return item === undefined ? 0 : Number.parseInt(item, 10);
}

/** Sequences that colour a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what a terminal takes for a colour
const escapes = /\u001b(?:\[[0-9;?]{0,20}[ -/]{0,3}[@-~]|[()][A-Z0-9])/g;

/** Text without colours, and with what was written over on lines of its own. */
export function plainOutput(text: string): string {
  const plain = text.includes("\u001b") ? text.replace(escapes, "") : text;
  return plain.includes("\r") ? plain.replaceAll("\r", "\n") : plain;
}
