import { expect, test } from "vitest";
import { closingOf, plainOutput } from "../../../src/domain/evidence/commands/closing-lines.ts";
import { failingTests } from "../../../src/domain/evidence/commands/failing-tests.ts";

/** What runners say at their end, with how many passed and failed. */
const lines: readonly [runner: string, output: string, passed: number, failed: number][] = [
  ["pytest", "===== 1 failed, 2 passed, 3 skipped in 0.10s =====", 2, 1],
  ["pytest", "= 3 failed, 10 passed, 1 deselected, 2 warnings, 1 error in 75.03s (0:01:15) =", 10, 4],
  ["pytest", "2 failed, 5 passed in 0.10s", 5, 2],
  ["pytest", "1 error in 0.50s", 0, 1],
  ["pytest", "====== no tests ran in 0.01s ======", 0, 0],
  ["pytest", "===== 2 skipped in 0.01s =====", 0, 0],
  ["unittest", "Ran 4 tests in 0.1s\n\nOK", 4, 0],
  ["unittest", "Ran 1 test in 0.001s\n\nOK (skipped=1)", 1, 0],
  ["unittest", "Ran 5 tests in 0.1s\n\nFAILED (failures=1, errors=2, skipped=1)", 2, 3],
  [
    "jest",
    "Test Suites: 1 failed, 1 total\nTests:       1 failed, 2 skipped, 4 passed, 7 total\nSnapshots:   0 total",
    4,
    1,
  ],
  ["jest", "Test Suites: 1 failed, 11 passed, 12 total\nTests:       130 passed, 130 total", 130, 1],
  ["vitest", " Test Files  1 failed | 11 passed (12)\n      Tests  2 failed | 130 passed | 1 skipped (133)", 130, 2],
  ["vitest", " Test Files  1 failed (1)\n      Tests  no tests", 0, 1],
  ["vitest", " Test Files  1 passed (1)\n      Tests  5 passed (5)\n     Errors  1 error", 5, 1],
  ["mocha", "  5 passing (12ms)\n  1 pending\n  2 failing", 5, 2],
  ["node", "# tests 5\n# pass 4\n# fail 1", 4, 1],
  ["node", "ℹ pass 4\nℹ fail 0", 4, 0],
  ["bun", " 5 pass\n 1 fail\nRan 6 tests across 1 files. [12.00ms]", 5, 1],
  ["ava", "  1 test failed\n  4 tests passed", 4, 1],
  ["playwright", "  1 failed\n    a.spec.ts:3:1 › b\n  5 passed (3.2s)", 5, 1],
  ["cargo", "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s", 3, 0],
  ["cargo", "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 1, 2],
  ["cargo", "     Summary [   0.180s] 8 tests run: 7 passed (1 slow), 1 failed, 2 skipped", 7, 1],
  ["go", "ok  \tx/y\t0.2s\nok  \tx/a\t(cached)\nFAIL\tx/z\t0.1s", 2, 1],
  ["go", "--- FAIL: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\nFAIL\tx/z\t0.1s", 0, 2],
  ["go", "FAIL\tx/z [build failed]", 0, 1],
  ["go", "DONE 12 tests, 1 skipped, 2 failures in 1.2s", 10, 2],
  ["maven", "[ERROR] Tests run: 4, Failures: 1, Errors: 1, Skipped: 0", 2, 2],
  ["gradle", "3 tests completed, 1 failed", 2, 1],
  [
    "dotnet",
    "Failed!  - Failed:     2, Passed:    12, Skipped:     0, Total:    14, Duration: 1 s - x.dll (net8.0)",
    12,
    2,
  ],
  ["rspec", "12 examples, 1 failure, 1 pending", 11, 1],
  ["rake", "12 runs, 20 assertions, 1 failures, 2 errors, 0 skips", 9, 3],
  ["phpunit", "OK (12 tests, 20 assertions)", 12, 0],
  ["phpunit", "Tests: 5, Assertions: 6, Errors: 1, Failures: 1.", 3, 2],
  ["phpunit", "  Tests:    1 failed, 2 skipped, 4 passed (10 assertions)", 4, 1],
  ["ctest", "92% tests passed, 1 tests failed out of 12", 11, 1],
  ["deno", "ok | 5 passed (3 steps) | 0 failed (12ms)", 5, 0],
  ["mix", "14 doctests, 2 properties, 23 tests, 1 failure, 2 excluded", 22, 1],
  ["swift", "Executed 5 tests, with 1 failure (0 unexpected) in 0.1 (0.2) seconds", 4, 1],
  ["dart", "00:03 +5 ~1 -2: Some tests failed.", 5, 2],
  ["sbt", "[info] Tests: succeeded 5, failed 1, canceled 0, ignored 0, pending 0", 5, 1],
  ["zig", "All 5 tests passed.", 5, 0],
];

const colour = (text: string) => text.replaceAll(/\d+/g, "\u001b[1m\u001b[32m$&\u001b[39m\u001b[22m");

test.each(lines)("%s: %s", (runner, output, passed, failed) => {
  const expected = { runner, passed, failed };
  expect(closingOf(output)).toEqual(expected);
  expect(closingOf(plainOutput(`noise\r${colour(output)}\r\n\u001b[2Kbye`))).toEqual(expected);
  // What is cut off before it ends is no whole line.
  expect(closingOf(`I think: ${output.replaceAll("\n", " and ")} as ever`)).toBeUndefined();
});

test("what several runs of one command say is added up", () => {
  expect(closingOf("2 passed in 0.1s\n===== 1 failed, 3 passed in 0.1s =====")).toMatchObject({ passed: 5, failed: 1 });
});

test.each([
  "5 passed",
  "All tests passed!",
  "Tests: fine",
  "ok 1 - adds",
  "Ran 5 tests in 0.1s",
  "OK",
  "Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s -- in X",
  "FAIL: it is broken",
  `${"9".repeat(2000)} passed in 0.1s`,
])("%s is no closing line", (line) => {
  expect(closingOf(line)).toBeUndefined();
});

test("numbers that no test suite has stay numbers", () => {
  const huge = "9".repeat(400);
  expect(closingOf(`${huge} tests completed, ${huge} failed`)).toEqual({ runner: "gradle", passed: 0, failed: 1e9 });
});

test("the tests that failed are known by name", () => {
  const output = [
    "FAILED tests/a.py::test_b[1-x] - AssertionError: no",
    "tests/a.py::test_c FAILED                [ 50%]",
    "FAIL: test_d (mod.Case)",
    " FAIL  src/e.test.ts > suite > works",
    "  ● suite › works",
    "--- FAIL: TestF (0.00s)",
    "test mod::g ... FAILED",
    "  1) test adds (MyTest)",
    "rspec ./spec/h_spec.rb:12 # H works",
    "ERROR: it did not work",
  ].join("\n");
  expect([...(failingTests(output) ?? [])]).toEqual([
    "tests/a.py::test_b[1-x]",
    "tests/a.py::test_c",
    "test_d (mod.Case)",
    "src/e.test.ts > suite > works",
    "suite › works",
    "TestF",
    "mod::g",
    "adds (MyTest)",
    "./spec/h_spec.rb:12",
  ]);
  expect(failingTests(Array.from({ length: 3000 }, (_, at) => `--- FAIL: T${at} (0.00s)`).join("\n"))).toBeUndefined();
});
