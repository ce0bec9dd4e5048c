import { createBareStore } from "../oracle/memory.ts";
import type { Place } from "../support/places.ts";
import { describeStore } from "./store.contract.ts";

/** An engine that has what every engine has, and nothing else. */
const barePlace = (): Place => ({ durable: false, open: createBareStore });

describeStore("an engine without capabilities", barePlace);
