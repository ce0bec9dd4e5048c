/** A kind of test: a project of vitest, which `--project NAME` runs alone. */
export interface Kind {
  readonly name: string;
  readonly files: string[];
  readonly without?: string[];
  /** Ends a test that hangs. No test measures the machine with it, so it is many times what is usual on a busy one. */
  readonly longestMs: number;
  readonly globalSetup?: string[];
}

const LONGEST_MS = 240_000;

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
    longestMs: LONGEST_MS,
    globalSetup: ["test/support/postgres/global-setup.ts"],
  },
  {
    name: "e2e",
    files: ["test/**/*.test.ts"],
    without: [...onServer, ...unit, ...contract],
    longestMs: LONGEST_MS,
  },
  { name: "contract", files: contract, without: onServer, longestMs: LONGEST_MS },
  { name: "unit", files: unit, longestMs: 60_000 },
];
