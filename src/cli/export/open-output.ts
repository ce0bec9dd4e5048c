import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { KaizenError } from "../../errors.ts";
import type { CommandContext } from "../frame/define-command.ts";
import { fileFailure } from "../input/file-failure.ts";
import { descriptorOutput } from "./descriptor.ts";
import { newFile } from "./new-file.ts";
import type { Output } from "./output.ts";
import { type OutputPlace, shown } from "./output-place.ts";

function standardOutput(context: CommandContext): Output {
  return {
    write: (text) => context.print(text),
    isDone: () => context.isReaderGone(),
    async finish() {},
    async abandon() {},
  };
}

/** Opens what was found. `name` is what people are told. */
export async function openOutput(name: string, place: OutputPlace, context: CommandContext): Promise<Output> {
  switch (place.kind) {
    case "open":
      return place.descriptor === 1 ? standardOutput(context) : descriptorOutput(shown(name), place.descriptor);
    case "special":
      return pipeOutput(name, place.path);
    case "file":
      return writing(name, () => newFile(name, place));
  }
}

/** A device or pipe is written to as it is. A pipe without a reader waits for one, as every program does there. */
async function pipeOutput(name: string, path: string): Promise<Output> {
  const file = await writing(name, () => open(path, constants.O_WRONLY | (constants.O_NOCTTY ?? 0)));
  const { write, isDone } = descriptorOutput(shown(name), file.fd);
  const close = () => writing(name, () => file.close());
  if ((await file.stat()).isFile()) {
    await close();
    throw new KaizenError("UNSAFE_PATH", `${shown(name)} was replaced by a file meanwhile.`, { hint: "Try again." });
  }
  return { write, isDone, finish: close, abandon: () => close().catch(() => {}) };
}

async function writing<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure(shown(name), "written", error);
  }
}
