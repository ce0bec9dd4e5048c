import type { Said } from "./marks/icon.tsx";
import { few, nothing, said } from "./marks/words.ts";

const trialWords: Readonly<Record<string, Said>> = {
  helped: said("up", "ok", "helped"),
  hurt: said("down", "bad", "hurt"),
  running: few("under way"),
};

export function trialWord(verdict: string): Said {
  return trialWords[verdict] ?? nothing(verdict.replaceAll("_", " "));
}
