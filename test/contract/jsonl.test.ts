import { openJsonl } from "../support/jsonl.ts";
import { fastTemporaryFolder, type Place } from "../support/places.ts";
import { describeDuplicates } from "./duplicates.contract.ts";
import { describeExecutionReading } from "./execution-reading.contract.ts";
import { describeExecutionStore } from "./execution-store.contract.ts";
import { describeLifecycleStore } from "./lifecycle-store.contract.ts";
import { describeMerging } from "./merging.contract.ts";
import { describeOptimizerStore } from "./optimizer-store.contract.ts";
import { describeScanning } from "./scanning.contract.ts";
import { describeVerification } from "./verification.contract.ts";

describeExecutionStore("jsonl", jsonlPlace);
describeExecutionReading("jsonl", jsonlPlace);
describeOptimizerStore("jsonl", jsonlPlace);
describeVerification("jsonl", jsonlPlace);
describeLifecycleStore("jsonl", jsonlPlace);
describeScanning("jsonl", jsonlPlace);
describeMerging("jsonl", jsonlPlace);
describeDuplicates("jsonl", jsonlPlace);

function jsonlPlace(): Place {
  const projectRoot = fastTemporaryFolder();
  return { durable: true, open: (options) => openJsonl(projectRoot, options) };
}
