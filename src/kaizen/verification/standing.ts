import type { Standing, Verifier } from "../../domain/verification/verification.ts";
import type { Store } from "../../storage/store.ts";

/** What a verifier's word is worth in this store: a team's may have given the role that makes it count to others. */
export async function standingIn({ runs }: Store, verifier: Verifier, standing: Standing): Promise<Standing> {
  const counts = (await runs.speaksFor?.(verifier)) ?? true;
  return counts ? standing : { ...standing, unproven: true };
}
