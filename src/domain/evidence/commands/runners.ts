import { afterOptions } from "./wrappers.ts";

/** How a command is known, by its words. */
interface Rule {
  /** As facts name it; empty for a check, of which only the number is kept. */
  readonly name: string;
  readonly program: RegExp;
  /** The words that follow, with options anywhere between them. */
  readonly verbs?: readonly RegExp[];
  /** A word anywhere behind the program that is no option. */
  readonly any?: RegExp;
  /** An option before anything else. */
  readonly option?: RegExp;
  /** Words that make it something else. */
  readonly never?: RegExp;
  /** Options whose value is the next word. */
  readonly valued?: RegExp;
}

const packageManager = /^(?:npm|pnpm|yarn|bun)$/;
const ofPackages = /^(?:-C|-F|--filter|--prefix|-w|--workspace|--cwd|--dir)$/;
const testScript = /^(?:t|tst|test)(?::[\w:-]{1,60})?$/;
const run = /^run(?:-script)?$/;

/** What starts tests. The first that holds counts. */
const tests: readonly Rule[] = [
  { name: "pytest", program: /^(?:python:)?(?:pytest|py\.test)$/, never: /^--(?:fixtures|markers)$/ },
  { name: "unittest", program: /^python:unittest$/ },
  { name: "unittest", program: /^python$/, verbs: [/(?:^|\/)runtests\.py$/] },
  { name: "unittest", program: /^python$/, verbs: [/(?:^|\/)manage\.py$/, /^test$/] },
  { name: "unittest", program: /^runtests\.py$/ },
  { name: "unittest", program: /^(?:manage\.py|django-admin)$/, verbs: [/^test$/] },
  { name: "unittest", program: /^(?:python:)?(?:nose2?|nosetests|trial)$/ },
  { name: "tox", program: /^(?:python:)?(?:tox|nox)$/ },
  { name: "bun", program: /^bun$/, verbs: [/^test$/], valued: ofPackages },
  { name: "package-script", program: packageManager, verbs: [testScript], valued: ofPackages },
  { name: "package-script", program: packageManager, verbs: [run, testScript], valued: ofPackages },
  { name: "package-script", program: /^yarn$/, verbs: [/^workspace$/, /^/, testScript] },
  { name: "package-script", program: /^yarn$/, verbs: [/^workspace$/, /^/, run, testScript] },
  { name: "package-script", program: /^(?:turbo|nx|lerna)$/, any: /^(?:[\w@/-]{1,100}:)?test$/ },
  { name: "vitest", program: /^vitest$/, never: /^(?:-w|watch|bench|list)$/ },
  { name: "jest", program: /^jest$/, never: /^--showConfig$/ },
  { name: "jest", program: /^react-scripts$/, verbs: [/^test$/] },
  { name: "mocha", program: /^_?mocha$/ },
  { name: "ava", program: /^ava$/ },
  { name: "node", program: /^(?:node|tsx)$/, option: /^--test$/ },
  { name: "playwright", program: /^playwright$/, verbs: [/^test$/] },
  { name: "cypress", program: /^cypress$/, verbs: [/^run$/] },
  { name: "deno", program: /^deno$/, verbs: [/^test$/] },
  { name: "cargo", program: /^cargo$/, verbs: [/^(?:test|t)$/] },
  { name: "cargo", program: /^cargo$/, verbs: [/^nextest$/, /^run$/] },
  { name: "go", program: /^go$/, verbs: [/^test$/], never: /^-(?:c|list)$/ },
  { name: "go", program: /^gotestsum$/ },
  {
    name: "maven",
    program: /^mvnw?$/,
    any: /^(?:test|verify|install|package)$/,
    never: /^-D(?:skipTests|maven\.test\.skip)/,
  },
  {
    name: "gradle",
    program: /^gradlew?$/,
    any: /^(?:[\w:-]{0,100}:)?(?:\w{0,60}[tT]est|check|build)$/,
    valued: /^--tests$/,
    never: /^-x$|^--exclude-task/,
  },
  { name: "dotnet", program: /^dotnet$/, verbs: [/^(?:test|vstest)$/] },
  { name: "rspec", program: /^rspec$/ },
  { name: "rake", program: /^rake$/, verbs: [/^(?:test|spec)(?::\w{1,60})?$/] },
  { name: "rake", program: /^rails$/, verbs: [/^(?:test|spec)(?::\w{1,60})?$/] },
  { name: "phpunit", program: /^(?:phpunit|pest|paratest)$/ },
  { name: "phpunit", program: /^php$/, verbs: [/(?:^|\/)(?:phpunit|pest|paratest)$/] },
  { name: "phpunit", program: /^php$/, verbs: [/(?:^|\/)artisan$/, /^test$/] },
  { name: "phpunit", program: /^artisan$/, verbs: [/^test$/] },
  { name: "phpunit", program: /^composer$/, verbs: [testScript] },
  { name: "phpunit", program: /^composer$/, verbs: [run, testScript] },
  { name: "ctest", program: /^ctest$/, never: /^-N$|^--show-only/ },
  {
    name: "make",
    program: /^(?:g?make|nmake|ninja|just|task)$/,
    any: /^(?:tests?|check)$/,
    valued: /^-[CfjItd]$/,
    never: /^(?:-n|--dry-run)$/,
  },
  { name: "bazel", program: /^bazel(?:isk)?$/, verbs: [/^test$/] },
  { name: "swift", program: /^swift$/, verbs: [/^test$/] },
  { name: "swift", program: /^xcodebuild$/, any: /^test(?:-without-building)?$/ },
  { name: "mix", program: /^mix$/, verbs: [/^test$/] },
  { name: "dart", program: /^(?:flutter|dart)$/, verbs: [/^test$/] },
  { name: "sbt", program: /^sbt$/, any: /^(?:[\w-]{1,60}\/)?test(?:Only|Quick)?(?: .{0,200})?$/ },
  { name: "haskell", program: /^(?:stack|cabal)$/, verbs: [/^test$/] },
  { name: "bats", program: /^bats$/, never: /^-c$|^--count$/ },
  { name: "zig", program: /^zig$/, verbs: [/^test$/] },
  { name: "zig", program: /^zig$/, verbs: [/^build$/, /^test$/] },
  { name: "perl", program: /^prove$/ },
];

/** With any runner: it tells something, lists tests, waits for changes, or only builds. */
const neverTests =
  /^(?:-h|-V|--(?:help|version|collect-only|co|no-run|watch|watchAll|ui|listTests|list|list-tests|dry-run))$/;

const check = (program: RegExp, ...verbs: RegExp[]): Rule => ({ name: "", program, verbs });

/** Compilers, linters and builds: facts, which decide nothing. */
const checks: readonly Rule[] = [
  check(/^(?:vue-)?tsc$/),
  check(/^(?:eslint|oxlint|stylelint|flake8|pylint|shellcheck|golangci-lint|rubocop|phpstan)$/),
  check(/^python:(?:flake8|pylint|mypy|pyright|py_compile|compileall)$/),
  check(/^(?:mypy|pyright|basedpyright)$/),
  check(/^biome$/, /^(?:check|lint|ci)$/),
  check(/^ruff$/, /^check$/),
  check(/^cargo$/, /^(?:clippy|check|build)$/),
  check(/^go$/, /^(?:build|vet)$/),
  { ...check(packageManager, /^(?:build|lint|typecheck|type-check|check)$/), valued: ofPackages },
  { ...check(packageManager, run, /^(?:build|lint|typecheck|type-check|check)$/), valued: ofPackages },
  check(/^(?:g?make|cmake|ninja|gcc|g\+\+|clang|clang\+\+|cc|javac|rustc|mvnw?|gradlew?)$/),
  check(/^dotnet$/, /^build$/),
  { name: "", program: /^node$/, option: /^--check$/ },
];

export type CommandKind = { readonly type: "test"; readonly runner: string } | { readonly type: "check" };

/** What a command is for, by its words (`Command.words`); `undefined` if it is neither a test nor a check. */
export function kindOf(words: readonly string[]): CommandKind | undefined {
  const test = tests.find((rule) => holds(rule, words));
  if (test !== undefined && !words.some((word) => neverTests.test(word))) return { type: "test", runner: test.name };
  return test === undefined && checks.some((rule) => holds(rule, words)) ? { type: "check" } : undefined;
}

function holds(rule: Rule, [program = "", ...args]: readonly string[]): boolean {
  if (!rule.program.test(program) || args.some((arg) => rule.never?.test(arg))) return false;
  const firstWord = afterOptions(args, 0, rule.valued);
  if (rule.option !== undefined && !args.slice(0, firstWord).some((arg) => rule.option?.test(arg))) return false;
  if (rule.any !== undefined && !plainWords(args, rule.valued).some((arg) => rule.any?.test(arg))) return false;
  let at = 0;
  return (rule.verbs ?? []).every((step) => {
    at = afterOptions(args, at, rule.valued);
    return step.test(args[at++] ?? "");
  });
}

function plainWords(args: readonly string[], valued: RegExp | undefined): string[] {
  return args.filter((arg, at) => !/^[-+]/.test(arg) && !valued?.test(args[at - 1] ?? ""));
}
