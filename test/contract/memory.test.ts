import { memoryPlace } from "../support/places.ts";
import { describeExecutionReading } from "./execution-reading.contract.ts";
import { describeExecutionStore } from "./execution-store.contract.ts";
import { describeMerging } from "./merging.contract.ts";
import { describeOptimizerStore } from "./optimizer-store.contract.ts";
import { describeSightingStore } from "./sighting-store.contract.ts";
import { describeVerification } from "./verification.contract.ts";
import { describeWalking } from "./walking.contract.ts";

describeExecutionStore("memory", memoryPlace);
describeExecutionReading("memory", memoryPlace);
describeOptimizerStore("memory", memoryPlace);
describeVerification("memory", memoryPlace);
describeSightingStore("memory", memoryPlace);
describeWalking("memory", memoryPlace);
describeMerging("memory", memoryPlace);
