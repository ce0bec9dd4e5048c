import { describe } from "vitest";
import { postgresPlace, teamStore } from "../support/postgres/place.ts";
import { describeStore } from "./store.contract.ts";

describe.skipIf(teamStore === undefined)("the team store", () => {
  describeStore("postgres", () => postgresPlace());
});
