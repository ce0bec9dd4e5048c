/** A kind of test: a project of vitest, which `--project NAME` runs alone. */
export interface Kind {
  readonly name: string;
  readonly files: string[];
  readonly without: string[];
  /** Ends a test that hangs. No test measures the machine with it, so it is many times what is usual on a busy one. */
  readonly longestMs: number;
  readonly globalSetup: string[];
}

/** They need a database server, which is started for them only. */
const onServer = ["test/contract/postgres*.test.ts", "test/postgres/**/*.test.ts", "test/soak/team/*.test.ts"];
const unit = ["test/*.test.ts", "test/unit/**/*.test.ts", "test/mcp/**/*.test.ts"];
const contract = ["test/contract/**/*.test.ts", "test/fault/**/*.test.ts"];

/**
 * In the order in which they run. Only `unit` has a short time-out: the others start programs, or go through thousands
 * of operations in one test.
 */
export const kinds: readonly Kind[] = [
  {
    name: "team",
    files: onServer,
    without: [],
    longestMs: 240_000,
    globalSetup: ["test/support/postgres/global-setup.ts"],
  },
  {
    name: "e2e",
    files: ["test/**/*.test.ts"],
    without: [...onServer, ...unit, ...contract],
    longestMs: 240_000,
    globalSetup: [],
  },
  { name: "contract", files: contract, without: onServer, longestMs: 240_000, globalSetup: [] },
  { name: "unit", files: unit, without: [], longestMs: 60_000, globalSetup: [] },
];
