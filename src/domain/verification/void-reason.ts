import * as z from "zod";

/** Why a run is taken back, as a person says it. */
export const voidReasonSchema = z.string().trim().min(1).max(2000).describe('Why, e.g. "typo: it did fail"');
