import type { VerifiedOverview } from "../../../src/storage/store.ts";
import { comparableOverview } from "../../contract/comparable.ts";

/** All that is counted of an agent, as a text: the same for every process, or something is wrong. */
export function figuresOf(overview: VerifiedOverview): string {
  return JSON.stringify(comparableOverview(overview));
}
