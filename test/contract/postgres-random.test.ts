import { describe } from "vitest";
import { postgresPlace, teamStore } from "../support/postgres/place.ts";
import { describeRandomEvidence } from "./evidence-random.contract.ts";
import { describeRandomLifecycle } from "./lifecycle-random.contract.ts";
import { describeRandomImports } from "./random-imports.contract.ts";

// The suites of the folder's store, as they are, with fewer cases: each is a project of its own on the server.
describe.skipIf(teamStore === undefined)("the team store", () => {
  describeRandomEvidence("a team's project", postgresPlace, 4);
  describeRandomLifecycle("a team's project", postgresPlace, 5);
  describeRandomImports("a team's project", postgresPlace, 4);
});
