import { join } from "node:path";
import { realFolder } from "../../input/real-folder.ts";
import { SERVER_NAME } from "../entry/launch.ts";
import { readConfigFile } from "./config-file.ts";

/** Of the names that a client reads: the file that speaks of us, or one that is there, or the first. */
export function fileWithOurs(project: string, names: readonly [string, ...string[]]): string {
  const there = names.flatMap((name) => {
    const text = textOf(project, name);
    return text === undefined ? [] : [{ name, text }];
  });
  const found = there.find(({ text }) => text.includes(SERVER_NAME)) ?? there[0];
  return found?.name ?? names[0];
}

/** A file that is there and cannot be read is refused, with the reason, when it is to be changed. */
function textOf(project: string, name: string): string | undefined {
  try {
    return readConfigFile(realFolder(project), name, join(project, name)).text;
  } catch {
    return "";
  }
}
