import { type Counts, reportOf, type TestReport, unreadable } from "./report.ts";
import { type ReportSource, reportText } from "./report-text.ts";
import { type XmlHandler, XmlReader } from "./xml.ts";

/**
 * Reads a report in the form of JUnit, which has no standard: the common ground of pytest, vitest, jest-junit, Gradle,
 * Maven Surefire, go-junit-report, dotnet and cargo-nextest. Fails with a `KaizenError`.
 *
 * The test cases are what counts: suites say the same twice where they are nested, and some say nothing. A failure that
 * only a suite speaks of counts as well: it may have ended before its first test.
 */
export async function readJunit(source: ReportSource): Promise<TestReport> {
  const counter = new CaseCounter();
  const xml = new XmlReader(counter);
  for await (const text of reportText(source)) xml.write(text);
  xml.end();
  return reportOf("junit", counter.counts());
}

type Attributes = Readonly<Record<string, string>>;

/** How googletest and CTest say that a test was not run. */
const notRun = new Set(["disabled", "notrun", "skipped"]);

class CaseCounter implements XmlHandler {
  /** The names from the root to where we are. */
  readonly #path: string[] = [];
  readonly #cases = { tests: 0, failed: 0, skipped: 0 };
  /** As the root says of itself. */
  #root: Counts | undefined;
  /** What the outermost suites say of themselves, together. */
  readonly #suites = { tests: 0, failed: 0, skipped: 0 };
  #failuresOfSuites = 0;
  /** Failures of tests that are still to be done, by the reporter of Node.js. */
  #excused = 0;
  #case = { failed: false, skipped: false, isTodo: false };

  open(name: string, attributes: Attributes, depth: number): void {
    const parent = this.#path.at(-1);
    this.#path.push(name);
    if (depth === 1 && !isSuite(name)) {
      throw unreadable(
        "The report is XML, but its root is neither testsuites nor testsuite.",
        "Have the test runner write the form of JUnit.",
      );
    }
    if (name === "testsuites" && depth === 1) this.#root = claimed(attributes);
    if (name === "testsuite" && (depth === 1 || (depth === 2 && parent === "testsuites"))) {
      add(this.#suites, claimed(attributes));
    }
    if (name === "testcase") {
      this.#case = { failed: false, skipped: notRun.has(attributes.status ?? ""), isTodo: false };
    }
    if (parent === "testcase") this.#lookInto(name, attributes);
    if (parent !== undefined && isSuite(parent) && isFailure(name)) this.#failuresOfSuites += 1;
  }

  close(name: string): void {
    this.#path.pop();
    if (name !== "testcase") return;
    const { isTodo, skipped } = this.#case;
    const failed = this.#case.failed && !isTodo;
    if (this.#case.failed && isTodo) this.#excused += 1;
    add(this.#cases, { tests: 1, failed: failed ? 1 : 0, skipped: skipped && !failed ? 1 : 0 });
  }

  counts(): Counts {
    const claims = this.#root === undefined || this.#root.tests === 0 ? this.#suites : this.#root;
    const claimedFailed =
      Math.max(this.#root?.failed ?? 0, this.#suites.failed, this.#failuresOfSuites) - this.#excused;
    const { failed, skipped, tests } = this.#cases.tests > 0 ? this.#cases : claims;
    const allFailed = failed === 0 ? Math.max(0, claimedFailed) : failed;
    return { tests: Math.max(tests, allFailed + skipped), failed: allFailed, skipped };
  }

  /** Beside them there are failures of which a later try was none: `flakyFailure`, `rerunFailure`. */
  #lookInto(child: string, attributes: Attributes): void {
    if (isFailure(child)) this.#case.failed = true;
    if (child !== "skipped") return;
    this.#case.skipped = true;
    if (attributes.type === "todo") this.#case.isTodo = true;
  }
}

const isSuite = (name: string) => name === "testsuites" || name === "testsuite";
const isFailure = (name: string) => name === "failure" || name === "error";

function claimed(attributes: Attributes): Counts {
  const numberIn = (name: string) => (/^\d{1,9}$/.test(attributes[name] ?? "") ? Number(attributes[name]) : 0);
  return {
    tests: numberIn("tests"),
    failed: numberIn("failures") + numberIn("errors"),
    skipped: numberIn("skipped") + numberIn("disabled"),
  };
}

function add(sum: { -readonly [Key in keyof Counts]: Counts[Key] }, counts: Counts): void {
  sum.tests += counts.tests;
  sum.failed += counts.failed;
  sum.skipped += counts.skipped;
}
