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
export const forms: readonly Form[] = [
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

export const pytestLine =
  /^=* ?((?:(?:, )?\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|rerun|subtests passed)){1,12}) in [\d.:]{1,12} ?s(?: \([\d:, a-z]{1,30}\))? ?=*$/;
export const noTests = /^=* ?no tests ran(?: in [\d.]{1,12}s)? ?=*$|^No tests? (?:files? )?found\b.{0,200}$/;
export const unittestRan = /^Ran (?<total>\d+) tests? in [\d.]{1,12}s$/;
export const unittestFailed = /^FAILED \((?<list>[a-z =,\d]{1,120})\)$/;
export const goPassed = /^ok\s{1,9}\S+\s{1,9}(?:[\d.]{1,12}s|\(cached\))(?:\s.{0,80})?$/;
export const goPackageFailed = /^FAIL\s{1,9}\S+\s{1,9}(?:[\d.]{1,12}s|\[\w[\w ]{0,30}\])$/;
export const goTestFailed = /^--- FAIL: \S+ \([\d.]{1,12}s\)$/;
