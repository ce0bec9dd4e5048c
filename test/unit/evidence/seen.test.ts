import { describe, expect, test } from "vitest";
import { FirstResult } from "../../../src/domain/evidence/first-result.ts";
import { SeenSteps, type Step } from "../../../src/domain/evidence/seen.ts";

const cmd = (command: string, output = "", exit: number | null = 0): Step => ({
  kind: "cmd",
  command,
  output,
  exit,
  cwd: "/repo",
});
const edit = (path = "/repo/src/a.ts"): Step => ({ kind: "edit", path, cwd: "/repo" });
const green = cmd("npx vitest run", " Tests  5 passed (5)");
const red = cmd("npx vitest run", " FAIL  a.test.ts > adds\n Tests  1 failed | 4 passed (5)", 1);
const otherRed = cmd("npx vitest run", " FAIL  b.test.ts > takes\n Tests  1 failed | 4 passed (5)", 1);

function factsOf(...steps: Step[]) {
  const seen = new SeenSteps();
  for (const step of steps) seen.add(step);
  return seen.facts();
}

const seenOf = (...steps: Step[]) => factsOf(...steps).seen;

describe("what is seen of a run", () => {
  test("that changed nothing is that it did not", () => {
    expect(seenOf()).toBe("no_edit");
    expect(seenOf(cmd("ls"), green, red)).toBe("no_edit");
    expect(seenOf(cmd("git commit -m x"))).toBe("untested");
    expect(seenOf(cmd("git commit -m x", "nothing to commit", 1))).toBe("no_edit");
  });

  test("is green if each command that tests is, since the last edit", () => {
    expect(seenOf(edit(), green)).toBe("green");
    expect(seenOf(edit(), red, edit(), green)).toBe("green");
    expect(seenOf(edit(), red, green)).toBe("green");
    expect(seenOf(edit(), green, cmd("cargo test", "", 101))).toBe("red");
    expect(seenOf(edit(), green, cmd("pytest &", "", null))).toBe("green");
  });

  test("is known to be red if all that fails failed before the first edit, or without the changes", () => {
    expect(seenOf(red, edit(), red)).toBe("known_red");
    expect(seenOf(red, edit(), otherRed)).toBe("red");
    expect(seenOf(edit(), cmd("git stash"), red, cmd("git stash pop"), red)).toBe("known_red");
    expect(seenOf(edit(), { ...red, command: "git stash && npx vitest run; git stash pop" } as Step, red)).toBe(
      "known_red",
    );
    expect(seenOf(edit(), cmd("git stash list"), red, cmd("git stash show"), red)).toBe("red");
    expect(seenOf(cmd("make test", "", 2), edit(), cmd("make test", "", 2))).toBe("red");
  });

  test("tests under a stash are no result, and those that take the changes back first are one", () => {
    expect(seenOf(edit(), cmd("git stash"), green, cmd("git stash pop"))).toBe("stale");
    expect(seenOf(edit(), cmd("git stash"), { ...green, command: "git stash pop && npx vitest run" } as Step)).toBe(
      "green",
    );
  });

  test("has turned red if the command was green before", () => {
    expect(seenOf(green, edit(), red)).toBe("turned_red");
    expect(seenOf(edit(), green, edit(), cmd("npx vitest run --no-color 2>&1", "Tests  1 failed (1)", 1))).toBe(
      "turned_red",
    );
    expect(seenOf(edit(), red)).toBe("red");
    expect(seenOf(edit(), green, edit(), cmd("npx vitest run b.test.ts", "", 1))).toBe("red");
  });

  test("is stale, unreadable or untested if no result came after the last edit", () => {
    expect(seenOf(green, edit())).toBe("stale");
    expect(seenOf(edit(), red, edit())).toBe("stale");
    expect(seenOf(edit(), cmd("npm test | tail -1", "done"))).toBe("unreadable");
    expect(seenOf(edit(), cmd("npx tsc", "", 0))).toBe("untested");
    expect(seenOf(edit())).toBe("untested");
  });
});

test("the tests are told by their last result that could be read", () => {
  const run = [edit(), red, cmd("npm test", " Tests  7 passed (7)"), cmd("npm test | tail -1", "x")];
  expect(factsOf(...run)).toEqual({
    edits: 1,
    files: 1,
    seen: "red",
    checks: { runs: 0, red: 0 },
    tests: { runner: "vitest", runs: 3, passed: 7, failed: 0, how: "exit+summary" },
  });
  const unread = { runner: "package-script", runs: 1, passed: 0, failed: 0, how: "none" };
  expect(factsOf(edit(), cmd("npm test | tail -1", "x")).tests).toEqual(unread);
  expect(factsOf(edit(), cmd("make check", "", 0)).tests).toMatchObject({ runner: "make", how: "exit" });
  expect(factsOf(edit()).tests).toBeUndefined();
});

test("checks are counted, and decide nothing", () => {
  const run = [edit(), cmd("npx tsc --noEmit", "", 2), cmd("npx eslint .", "", 1), cmd("npx eslint .", "", 0), green];
  expect(factsOf(...run)).toMatchObject({ seen: "green", checks: { runs: 3, red: 1 } });
});

describe("an edit", () => {
  test.each([
    ["echo x > src/a.ts", 1],
    ["cat <<EOF > Makefile.inc\nx\nEOF", 1],
    ["sed -i s/a/b/ src/a.ts src/b.ts", 2],
    ["perl -pi -e s/a/b/ src/a.pl", 1],
    ["ls | tee src/list.txt", 1],
    ["git checkout -- src/a.ts src/b.ts src/c.ts", 3],
    ["git apply fix.patch", 0],
    ["git -C sub reset --hard", 0],
    ["python - <<'EOF'\nopen('src/a.py', 'w').write('x')\nEOF", 0],
    ["node -e 'fs.writeFileSync(\"a.js\", x)'", 0],
    ["apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: src/a.ts\n*** Add File: src/b.ts\n*** End Patch\nEOF", 2],
    ["patch -p1 <<'EOF'\n--- a/x.c\n+++ b/x.c\nEOF", 1],
    ["bash -lc 'echo x > src/a.ts'", 1],
  ])("may be made by a shell: %s", (command, files) => {
    expect(factsOf(cmd(command))).toMatchObject({ edits: 1, files });
  });

  test.each([
    "npm install x",
    "rm -rf dist",
    "echo x > /tmp/a.ts",
    "echo x > $TMPDIR/a.ts",
    "npm test > out.json",
    "grep x src 2>/dev/null",
    "echo x > repro.py",
    "cat > scratch_1.py <<EOF\nx\nEOF",
    "sed -n 1,5p src/a.ts",
    "git checkout -b fix",
    "git restore --staged src/a.ts",
    "git reset HEAD src/a.ts",
    "git apply --check x.patch",
    "git merge --abort",
    "python -c 'print(open(\"a.py\").read())'",
    "python - <<'EOF'\nopen('/tmp/a.py', 'w').write('x')\nEOF",
    "echo 'a > b.ts'",
  ])("is not made by %s", (command) => {
    expect(factsOf(cmd(command))).toMatchObject({ edits: 0, files: 0 });
  });

  test("of a file for the moment is none, unless the project lies there", () => {
    expect(factsOf({ kind: "edit", path: "/tmp/x.py", cwd: "/repo" })).toMatchObject({ edits: 0 });
    expect(factsOf({ kind: "edit", path: "/tmp/project/x.py", cwd: "/tmp/project" })).toMatchObject({ edits: 1 });
    expect(factsOf({ ...cmd("echo > /tmp/project/x.py"), cwd: "/tmp/project" } as Step)).toMatchObject({ edits: 1 });
  });

  test("of one file many times is many edits of one file", () => {
    expect(factsOf(edit(), edit(), edit("/repo/b.ts"))).toMatchObject({ edits: 3, files: 2 });
  });
});

describe("tests say less than they seem to", () => {
  test.each([
    "package.json",
    "web/vitest.config.ts",
    "jest.config.js",
    "pytest.ini",
    "pyproject.toml",
    "tox.ini",
    ".github/workflows/ci.yml",
    ".gitlab-ci.yml",
    "Makefile",
  ])("if %s was changed", (path) => {
    expect(factsOf(edit(`/repo/${path}`), green)).toMatchObject({ seen: "unreadable", flags: ["config_changed"] });
    expect(factsOf(edit(`/repo/${path}`), red)).toMatchObject({ seen: "red", flags: ["config_changed"] });
    expect(factsOf(cmd(`sed -i s/a/b/ ${path}`), green)).toMatchObject({ seen: "unreadable" });
  });

  test("if a command that is green ran fewer of them than before", () => {
    const fewer = cmd("npx vitest run", " Tests  3 passed (3)");
    expect(factsOf(green, edit(), fewer)).toMatchObject({ seen: "green", flags: ["fewer_tests"] });
    expect(factsOf(green, edit(), green).flags).toBeUndefined();
    expect(factsOf(fewer, edit(), green).flags).toBeUndefined();
    expect(factsOf(green, edit(), cmd("npx vitest run a", " Tests  1 passed (1)")).flags).toBeUndefined();
    expect(factsOf(green, edit(), cmd("npx vitest run", " Tests  1 failed (1)", 1)).flags).toBeUndefined();
  });

  test.each([
    [cmd("echo '{}' >> .kaizen/metrics/a/executions.jsonl"), true],
    [cmd("sed -i s/false/true/ /repo/.kaizen/metrics/a/executions.jsonl"), true],
    [cmd("python -c \"open('.kaizen/x', 'w')\""), true],
    [cmd("python <<EOF\nopen('.kaizen/x', 'w')\nEOF"), true],
    [cmd("rm -rf .kaizen"), true],
    [cmd("bash -c 'rm .kaizen/x'"), true],
    [edit("/repo/.kaizen/metrics/a/executions.jsonl"), true],
    [cmd("cat .kaizen/metrics/a/executions.jsonl"), false],
    [cmd("ls -la .kaizen && git status .kaizen"), false],
    [cmd("npx kaizen-metrics doctor --root . # .kaizen"), false],
    [cmd("echo .kaizenx > a.txt"), false],
  ])("if the agent wrote to the store by itself (%#)", (step, isTampered) => {
    expect(factsOf(step).flags).toEqual(isTampered ? ["tampered"] : undefined);
  });
});

test("after a run, the main conversation's first result counts, until something is edited", () => {
  const after = (...steps: Step[]) => {
    const result = new FirstResult();
    for (const step of steps) result.add(step);
    return result.seen;
  };
  expect(after(cmd("ls"), green, red)).toBe("green_after");
  expect(after(red, green)).toBe("red_after");
  expect(after(cmd("npm test | tail -1", "x"), green)).toBe("green_after");
  expect(after(edit(), green)).toBeUndefined();
  expect(after(cmd("sed -i s/a/b/ a.ts"), green)).toBeUndefined();
  expect(after(cmd("npx tsc"), cmd("ls"))).toBeUndefined();
});

test("a long run is judged without what it printed", () => {
  const long = `${"x".repeat(300 * 1024)}\n Tests  5 passed (5)`;
  expect(seenOf(edit(), cmd("npm test | cat", long))).toBe("green");
  expect(seenOf(edit(), cmd("npm test | cat", ` Tests  5 passed (5)\n${"x\n".repeat(300 * 1024)}`))).toBe("green");
  const middle = `${"x\n".repeat(50 * 1024)} Tests  5 passed (5)\n${"x\n".repeat(300 * 1024)}`;
  expect(seenOf(edit(), cmd("npm test | cat", middle))).toBe("unreadable");
});
