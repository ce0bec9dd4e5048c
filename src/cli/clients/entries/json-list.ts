import type { Node } from "jsonc-parser";
import type { Edit } from "../entry/edit.ts";
import { insertAt, removeNode } from "../jsonc/json-text.ts";
import { containerAt, parseJson } from "../jsonc/json-tree.ts";

/** A text at the end of a list in a JSON file. Where it stands elsewhere, a person has put it there. */
export function jsonListItem(path: readonly string[], item: string): Edit {
  return {
    what: `${path.join(".")} ${item}`,
    get paste() {
      const list: unknown = [item];
      return JSON.stringify(
        path.reduceRight((inner, key) => ({ [key]: inner }), list),
        null,
        2,
      );
    },
    apply(text, { mode }) {
      const items = itemsIn(text, path);
      if (mode === "add") {
        if (items.some(({ value }) => value === item)) return { text, did: "nothing" };
        return { text: insertAt(text, path, { value: item }), did: "added" };
      }
      const last = items.at(-1);
      if (text === undefined || last?.value !== item) {
        return { text, did: items.some(({ value }) => value === item) ? "left" : "nothing" };
      }
      return { text: removeNode(text, last), did: "removed" };
    },
  };
}

function itemsIn(text: string | undefined, path: readonly string[]): readonly Node[] {
  if (text === undefined || text.trim() === "") return [];
  return containerAt(text, parseJson(text), path, "array")?.children ?? [];
}
