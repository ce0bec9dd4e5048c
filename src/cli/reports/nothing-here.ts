import { nothingYet } from "../../messages/absence.ts";

/** In the place of a list of agents, for who has just begun. */
export const nothingHere = `${nothingYet} See kaizen-metrics record --help, or connect a client with kaizen-metrics init.`;
