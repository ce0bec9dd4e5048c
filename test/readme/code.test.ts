import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkout } from "../support/server-process.ts";
import { block, blocks, chapter, codesIn, pages } from "./page.ts";

const shown = block(chapter("Working on the code"), "").match(/^src\/\S+/gm) ?? [];

test("the picture of the code has every room and file, and nothing that is not there", () => {
  expect(shown.filter((path) => !existsSync(join(checkout, path)))).toEqual([]);
  const rooms = readdirSync(join(checkout, "src"), { withFileTypes: true }).map((entry) =>
    entry.isDirectory() ? `src/${entry.name}/` : `src/${entry.name}`,
  );
  expect([...shown].sort()).toEqual(rooms.sort());
});

test("each file and folder that this page names is there", () => {
  const { text = "" } = pages.find(({ path }) => path.endsWith("/developing.md")) ?? {};
  const code = [...codesIn(text.replaceAll(/^```[\s\S]*?^```$/gm, "")), ...blocks(text, "").flatMap(firstWords)];
  const named = code
    .flatMap((words) => words.split(" "))
    .filter((word) => /^(?:[\w.-]+\/)+[\w.-]*$|^[\w.-]+\.(?:ts|md)$/.test(word));
  const folders = ["src", "test", ".ci"];
  const inside = folders.flatMap((folder) =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  );
  const places = [...folders, ...inside].map((path) => `/${path.replaceAll("\\", "/")}/`);
  const isThere = (name: string) => places.some((place) => place.endsWith(`/${name.replace(/\/$/, "")}/`));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((name) => !/[A-Z]{2}/.test(name) && !isThere(name))).toEqual([]);
});

function firstWords(code: string): string[] {
  return code.match(/^\S+/gm) ?? [];
}
