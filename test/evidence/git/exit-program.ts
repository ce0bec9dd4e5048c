import { snapshotOf } from "../../../src/evidence/git/snapshot.ts";

/** Looks at a folder by a git, and ends itself in the midst of it with status 3 as soon as it is told anything. */
const [cwd = "", program = ""] = process.argv.slice(2);
process.stdin.once("data", () => process.exit(3));
await snapshotOf(cwd, { git: { program, env: process.env }, secret: undefined, limitMs: 60_000 });
