import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCommandLine } from "../../../src/domain/evidence/commands/command-line.ts";
import { judge } from "../../../src/domain/evidence/commands/judge.ts";
import { kindOf } from "../../../src/domain/evidence/commands/runners.ts";
import { shellParts } from "../../../src/domain/evidence/commands/shell-words.ts";

const wordsOf = (line: string) => readCommandLine(line).commands.map(({ words }) => words.join(" "));

describe("a line of a shell", () => {
  test("is split at its operators, and nowhere in quotes", () => {
    expect(shellParts(`a "b && c" 'd | e' f\\;g && h|i ; j & k || l |& m`)).toMatchObject([
      { words: ["a", "b && c", "d | e", "f;g"], after: "&&" },
      { words: ["h"], after: "|" },
      { words: ["i"], after: ";" },
      { words: ["j"], after: "&" },
      { words: ["k"], after: "||" },
      { words: ["l"], after: "|" },
      { words: ["m"], after: "" },
    ]);
    expect(shellParts("npm test;\n# that was all\n")).toMatchObject([{ words: ["npm", "test"], after: "" }]);
    expect(shellParts("npm \\\n  test #x").map(({ words }) => words)).toEqual([["npm", "test"]]);
  });

  test("has redirections beside its words", () => {
    const [part] = shellParts(`sort <in 2>err >"out file" 2>&1 &>>all x>&2 <<<text -n`);
    expect(part).toMatchObject({ words: ["sort", "x", "-n"], writes: ["err", "out file", "all"] });
  });

  test("has the texts that its commands read, and no commands in them", () => {
    const parts = shellParts("cat <<EOF > run.sh && python - <<-'PY'\nnpm test\nEOF\nopen('x', 'w')\n\tPY\ngo test");
    expect(parts).toMatchObject([
      { words: ["cat"], writes: ["run.sh"], heredoc: "npm test\n" },
      { words: ["python", "-"], heredoc: "open('x', 'w')\n" },
      { words: ["go", "test"] },
    ]);
  });

  test("keeps what it substitutes in the word", () => {
    expect(shellParts('echo "$(npm test | tail)" $(a; b) `c; d` <(e | f)').map(({ words }) => words)).toEqual([
      ["echo", "$(npm test | tail)", "$(a; b)", "`c; d`", "<(e | f)"],
    ]);
  });

  test("may be no shell at all", () => {
    for (const line of ["", "'", '"', "$(", "`", "<<", ">", "(((", ")", "\\", "<<EOF\n", "a <<A <<B\n", "&", "}"]) {
      expect(() => readCommandLine(line)).not.toThrow();
    }
  });
});

describe("a command", () => {
  test.each([
    ["CI=1 FOO='a b' timeout -k 5 60 npx --yes vitest@latest run", "vitest run"],
    ["sudo -u web nice -n 5 env -u A B=1 cargo +nightly test", "cargo +nightly test"],
    ["uv run --with x -m pytest -q", "python:pytest -q"],
    ["poetry run python3.12 -u -m pytest", "python:pytest"],
    ["coverage run --source=a -m pytest", "python:pytest"],
    ["docker compose -f x.yml exec -T web pytest", "pytest"],
    ["docker run --rm -e A=1 image go test ./...", "go test ./..."],
    ["pnpm --filter app exec jest", "jest"],
    ["yarn jest --ci", "jest --ci"],
    ["bundle exec rspec", "rspec"],
    ["./node_modules/.bin/mocha", "mocha"],
    [".venv/bin/python manage.py test", "python manage.py test"],
    ["if ! npm test", "npm test"],
    ["time ./gradlew test", "gradlew test"],
    ["npm run test:unit", "npm run test:unit"],
  ])("%s", (line, words) => {
    expect(wordsOf(line)).toEqual([words]);
  });

  test("of a shell within a shell is seen, one level deep", () => {
    expect(wordsOf(`bash -lc "cd app && npm test"`)).toEqual(["cd app", "npm test"]);
    expect(wordsOf("sh <<'EOF'\nnpm test\nEOF")).toEqual(["npm test"]);
    expect(wordsOf(`out="$(npm test 2>&1)"; echo "$out"`)).toEqual(["npm test", "echo $out"]);
    expect(wordsOf(`bash -c "bash -c 'npm test'"`)).toEqual(["bash -c npm test"]);
    expect(wordsOf("(cd a && pytest)")).toEqual(["cd a", "pytest"]);
    expect(wordsOf("{ pytest; } | tail")).toEqual(["pytest", "tail"]);
  });

  test.each([
    ["bash -lc 'npm test | tail -3'", "none"],
    ["bash -o pipefail -c 'npm test | tail -3'", "fail"],
    ["bash -lc 'npm test' | tail -3", "none"],
    ["bash -lc 'npm test &'", "none"],
    ["bash -lc 'npm test'", "fail"],
    ["set -euo pipefail\nnpm test | tail -3", "fail"],
    ["(npm test) | tail", "none"],
    ["! npm test", "none"],
    ["if npm test; then echo ok; fi", "none"],
    ["npm test && echo passed || echo failed", "none"],
    ["{ npm test; }", "fail"],
    ["npm test;", "fail"],
    ["npm test & wait", "none"],
  ])("%s: its exit status alone says %s", (command, outcome) => {
    expect(judge({ kind: "cmd", command, output: "", exit: 1 })).toMatchObject({ type: "test", outcome });
  });

  test.each([
    "vitest --watch",
    "jest --listTests",
    "cargo test --no-run",
    "mvn install -DskipTests",
    "gradle build -x test",
    "go test -c",
    "npm install vitest",
    "node script.js --test",
    "docker build -t test .",
    "git commit -m 'npm test'",
    "which pytest",
    "man make test",
  ])("%s is no test", (command) => {
    expect(judge({ kind: "cmd", command, output: "5 passed in 0.1s", exit: 0 })?.type).not.toBe("test");
  });
});

const plainWord = fc.stringMatching(/^[a-z][\w./:=,-]{0,8}$/);
const anyWord = fc.string({ unit: fc.constantFrom(..."ab |&;<>()'\"\\$`#\n\t!*{}") });
const operator = fc.constantFrom(" && ", " || ", " | ", " ; ", "\n", "&&", "|", ";");

/** A word as it can be written in a shell, in one of the ways that there are. */
function quoted(word: string, way: number): string {
  if (way === 0) return `'${word.replaceAll("'", `'\\''`)}'`;
  if (way === 1) return `"${word.replaceAll(/["\\$`]/g, "\\$&")}"`;
  return word === "" ? "''" : [...word].map((char) => (char === "\n" ? "'\n'" : `\\${char}`)).join("");
}

test("splitting loses no command outside of quotes, and makes none of what is in them", () => {
  const command = fc.tuple(plainWord, fc.array(fc.tuple(anyWord, fc.nat(2)), { maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(command, operator), { minLength: 1, maxLength: 5 }), (commands) => {
      const parts = commands.map(([[program, args]]) =>
        [program, ...args.map(([word, way]) => quoted(word, way))].join(" "),
      );
      const line = parts.map((part, at) => part + (at < parts.length - 1 ? commands[at]?.[1] : "")).join("");
      const expected = commands.map(([[program, args]]) => [program, ...args.map(([word]) => word)]);
      expect(shellParts(line).map(({ words }) => words)).toEqual(expected);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("a runner in quotes, in a comment or in a text that is read makes no test", () => {
  const runner = fc.constantFrom("npm test", "pytest -q", "go test ./...", "cargo test", "npx vitest run");
  const reader = fc.constantFrom("echo", "grep -rn", "git commit -m", "printf '%s'", "cat", "rg -F");
  const place = fc.nat(4);
  fc.assert(
    fc.property(runner, reader, place, fc.nat(2), (tests, program, where, way) => {
      const lines = [
        `${program} ${quoted(`5 passed && ${tests}`, way)}`,
        `${program} x # && ${tests}`,
        `cat <<EOF > notes.md\n${tests}\nEOF`,
        `${program} "$(echo '${tests}')"`,
        `${program} ${quoted(`\n${tests}\n`, way)} | head`,
      ];
      const command = lines[where] ?? "";
      expect(judge({ kind: "cmd", command, output: "5 passed in 0.10s", exit: 0 })).toBeUndefined();
    }),
    { seed: 2, numRuns: 1000 },
  );
});

test("whatever a line is, it is read without an error, and in as many steps as it is long", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab |&;<>()'\"\\$`#\n\t!*{}=-1EOF"), maxLength: 300 });
  fc.assert(
    fc.property(text, (line) => {
      const { commands } = readCommandLine(line);
      for (const { words } of commands) kindOf(words);
      expect(commands.length).toBeLessThanOrEqual(line.length + 1);
    }),
    { seed: 3, numRuns: 3000 },
  );
});
