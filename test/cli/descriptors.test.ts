import { expect, test } from "vitest";
import { readLogStrictly } from "../support/foreign-writer.ts";
import { temporaryFolder } from "../support/places.ts";
import { shell } from "../support/shell.ts";

// What a program finds on its three descriptors is up to whoever starts it.

const run = '"$NODE" "$K"';

test.runIf(process.platform === "linux").each([
  ["record", `${run} record tester --success --file - 0> ../written`],
  ["analysis", `${run} analysis --write - 0> ../written`],
  ["import", `${run} import junit - --commit abcdef1234 0> ../written`],
  ["a hook", `${run} hook subagent-stop 0> ../written`],
  ["the status line", `${run} statusline 0> ../written`],
])("%s says that what came as stdin cannot be read", async (what, line) => {
  const { status, stderr, stdout } = await shell(`mkdir repo; cd repo; ${line}`, temporaryFolder());
  const neverFails = what === "a hook" || what === "the status line";
  expect({ status, stdout }).toEqual({ status: neverFails ? 0 : 1, stdout: "" });
  expect(stderr).toMatch(/^kaizen-metrics: stdin could not be read \(EBADF\)\. It is not open for that.*\n$/);
});

test.runIf(process.platform === "linux")(
  "a run that is on disk is not recorded again for an answer that was lost",
  async () => {
    const root = temporaryFolder();
    const refused = await shell(`${run} record tester --success --root . > /dev/full`, root);
    expect(refused).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "kaizen-metrics: Writing to stdout failed (ENOSPC). Only the answer is lost: what the command was to do is done.\n",
    });
    expect(readLogStrictly(root, "tester")).toHaveLength(1);
  },
);
