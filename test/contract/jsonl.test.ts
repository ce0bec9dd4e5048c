import { expect, test } from "vitest";
import { openJsonl } from "../support/jsonl.ts";
import { type Place, temporaryFolder } from "../support/places.ts";
import { agentNamed, clockAt, codeOf } from "../support/runs.ts";
import { damagedLinesOf, namesOf } from "../support/single-calls.ts";
import { describeStore } from "./store.contract.ts";

describeStore("jsonl", jsonlPlace);

function jsonlPlace(): Place {
  const projectRoot = temporaryFolder();
  return { durable: true, open: (options) => openJsonl(projectRoot, options) };
}

test("an agent that nobody has heard of has no damage, nothing to repair, and is not made up by a repair", async () => {
  const { files, runs } = openJsonl(temporaryFolder(), { now: clockAt().now });
  const unheard = agentNamed("nobody");
  expect(await damagedLinesOf(files, unheard)).toEqual([]);
  expect(await runs.repair(unheard)).toEqual({ quarantined: 0, mended: 0 });
  expect(await namesOf(runs)).toEqual([]);
  await runs.close();
  expect(await codeOf(runs.repair(unheard))).toBe("CLOSED");
});
