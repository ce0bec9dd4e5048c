import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../support/server-process.ts";
import { block, chapter } from "./page.ts";

const shown = block(chapter("Working on the code"), "").match(/^src\/\S+/gm) ?? [];

test("the picture of the code has every room, and nothing that is not there", () => {
  expect(shown.filter((path) => !existsSync(join(checkout, path)))).toEqual([]);
  const folders = readdirSync(join(checkout, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const rooms = folders
    .map(({ name }) => `src/${name}/`)
    .filter((room) => !existsSync(join(checkout, `${room.slice(0, -1)}.ts`)));
  expect(shown).toEqual(expect.arrayContaining(rooms));
});
