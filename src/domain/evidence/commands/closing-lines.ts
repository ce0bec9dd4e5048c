import {
  forms,
  goPackageFailed,
  goPassed,
  goTestFailed,
  noTests,
  pytestLine,
  unittestFailed,
  unittestRan,
} from "./closing-forms.ts";

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
