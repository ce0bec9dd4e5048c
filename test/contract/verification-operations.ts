import fc from "fast-check";
import { type Verifier, verifierSchema } from "../../src/domain/verification/verification.ts";

/** One step in the life of runs and their checks. Plain data, so that a failing sequence prints as what it is, and shrinks. */
export type VerificationOperation =
  | { do: "append"; store: number; ageDays: number; success: boolean; count: number }
  /** Of the run that was recorded so many before the last one. */
  | {
      do: "verify";
      store: number;
      back: number;
      verifier: Verifier;
      success: boolean;
      evidence: number;
      unproven: boolean;
      withdrawn: boolean;
    }
  | { do: "advance"; days: number }
  | { do: "prune" | "repair" | "overviewOf" | "reopen"; store: number }
  | { do: "garbage"; text: number }
  | { do: "tornTail" | "dropIndex" };

const store = fc.nat(1);
/** Around the retention of 30 days, down to hours: several runs end on the day that it cuts through. */
const ageDays = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 120 }).map((quarters) => quarters / 4),
);

function op<const Name extends VerificationOperation["do"]>(name: Name) {
  return fc.constant(name);
}

export const verificationOperations: fc.Arbitrary<VerificationOperation[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: op("append"),
        store,
        ageDays,
        success: fc.boolean(),
        count: fc.constantFrom(1, 1, 3, 120),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        do: op("verify"),
        store,
        back: fc.oneof(fc.nat(6), fc.nat(300)),
        verifier: fc.constantFrom(...verifierSchema.options),
        success: fc.boolean(),
        // A few long ones are enough for a checkpoint.
        evidence: fc.constantFrom(0, 0, 10, 8000),
        unproven: fc.boolean(),
        withdrawn: fc.constantFrom(false, false, true),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: op("advance"), days: fc.constantFrom(0.25, 0.5, 1, 7, 29) }) },
    { weight: 1, arbitrary: fc.record({ do: op("prune"), store }) },
    { weight: 1, arbitrary: fc.record({ do: op("repair"), store }) },
    { weight: 1, arbitrary: fc.record({ do: op("overviewOf"), store }) },
    { weight: 2, arbitrary: fc.record({ do: op("reopen"), store }) },
    { weight: 1, arbitrary: fc.record({ do: op("garbage"), text: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: op("tornTail") }) },
    { weight: 1, arbitrary: fc.record({ do: op("dropIndex") }) },
  ),
  { maxLength: 40, size: "max" },
);
