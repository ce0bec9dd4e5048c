import { KaizenError } from "../../errors.ts";
import type { Client, Setup } from "../clients/client.ts";
import { EditRefused } from "../clients/entry/edit.ts";
import { readConfigFile } from "../clients/files/config-file.ts";
import { realFolder } from "../input/real-folder.ts";

const FLAG = "--retention-days";

/**
 * The flags with which the server and every hook keep runs for the same time: as the user says now, else as the
 * client's files say already. A process that records a run takes out what has expired by its own setting.
 */
export function retentionFlags(client: Client, setup: Setup, given: string | undefined): readonly string[] {
  const days = given?.trim() ?? daysIn(client, setup);
  return days === undefined ? [] : [FLAG, days];
}

function daysIn(client: Client, setup: Setup): string | undefined {
  for (const { edits, file } of client.parts(setup)) {
    for (const edit of edits) {
      const words = readable(() => edit.words?.(readConfigFile(realFolder(setup.project), file, file).text)) ?? [];
      const at = words.findLastIndex((word) => word === FLAG || word.startsWith(`${FLAG}=`));
      const days = words[at] === FLAG ? words[at + 1] : words[at]?.slice(FLAG.length + 1);
      if (days !== undefined && /^\d+(?:\.\d+)?$/.test(days)) return days;
    }
  }
  return undefined;
}

/** What cannot be read is refused, with the reason, when it is to be changed. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EditRefused || error instanceof KaizenError) return undefined;
    throw error;
  }
}
