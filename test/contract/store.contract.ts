import type { Place } from "../support/places.ts";
import { describeContentIds } from "./content-ids.contract.ts";
import { describeDuplicates } from "./duplicates.contract.ts";
import { describeEvidenceStore } from "./evidence-store.contract.ts";
import { describeExecutionReading } from "./execution-reading.contract.ts";
import { describeExecutionStore } from "./execution-store.contract.ts";
import { describeLifecycleStore } from "./lifecycle-store.contract.ts";
import { describeMerging } from "./merging.contract.ts";
import { describeMoving } from "./moving.contract.ts";
import { describeOptimizerStore } from "./optimizer-store.contract.ts";
import { describeScanning } from "./scanning.contract.ts";
import { describeVerification } from "./verification.contract.ts";
import { describeVoiding } from "./voiding.contract.ts";

/** Every promise of the port. What an engine need not have is held to its promises if it is there. */
export function describeStore(name: string, newPlace: () => Place): void {
  describeExecutionStore(name, newPlace);
  describeExecutionReading(name, newPlace);
  describeOptimizerStore(name, newPlace);
  describeVerification(name, newPlace);
  describeContentIds(name, newPlace);
  describeLifecycleStore(name, newPlace);
  describeEvidenceStore(name, newPlace);
  describeScanning(name, newPlace);
  describeMerging(name, newPlace);
  describeDuplicates(name, newPlace);
  describeVoiding(name, newPlace);
  describeMoving(name, newPlace);
}
