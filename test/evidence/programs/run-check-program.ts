import { runCheck } from "../../../src/evidence/check/run-check.ts";

/** Runs a check until it is killed. Arguments: folder, command. */
const [folder = "", command = ""] = process.argv.slice(2);
await runCheck({ command, folder, timeoutMs: 1_000_000, environment: process.env, sandboxes: {} });
