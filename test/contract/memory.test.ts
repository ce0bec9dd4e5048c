import { memoryPlace } from "../support/places.ts";
import { describeStore } from "./store.contract.ts";

describeStore("memory", memoryPlace);
