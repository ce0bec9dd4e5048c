import { memoryPlace } from "../support/places.ts";
import { describeDuplicates } from "./duplicates.contract.ts";
import { describeExecutionReading } from "./execution-reading.contract.ts";
import { describeExecutionStore } from "./execution-store.contract.ts";
import { describeLifecycleStore } from "./lifecycle-store.contract.ts";
import { describeMerging } from "./merging.contract.ts";
import { describeOptimizerStore } from "./optimizer-store.contract.ts";
import { describeScanning } from "./scanning.contract.ts";
import { describeVerification } from "./verification.contract.ts";

describeExecutionStore("memory", memoryPlace);
describeExecutionReading("memory", memoryPlace);
describeOptimizerStore("memory", memoryPlace);
describeVerification("memory", memoryPlace);
describeLifecycleStore("memory", memoryPlace);
describeScanning("memory", memoryPlace);
describeMerging("memory", memoryPlace);
describeDuplicates("memory", memoryPlace);
