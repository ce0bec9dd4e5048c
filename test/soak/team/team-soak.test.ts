import { expect, inject, test } from "vitest";
import { teamSoak } from "./team-soak.ts";

// Minutes of this are `npm run soak -- --team`.

test.skipIf(inject("teamStore") === undefined)(
  "two machines lose and double nothing when the database's plug is pulled, and show the same",
  async () => {
    const isEnough = ({ acknowledged, plugs }: { acknowledged: number; plugs: number }) =>
      plugs >= 1 && acknowledged >= 70;
    const { counts, problems } = await teamSoak({ isEnough, runsAPlug: 40 });
    expect(problems).toEqual([]);
    expect(counts).toMatchObject({ "plugs pulled": 1, lost: 0, doubled: 0, "doors that differ": 0 });
  },
);
