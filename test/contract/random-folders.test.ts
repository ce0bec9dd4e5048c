import { memoryPlace } from "../support/places.ts";
import { describeRandomEvidence } from "./evidence-random.contract.ts";
import { harmedFolder } from "./harmed-place.ts";
import { describeRandomLifecycle } from "./lifecycle-random.contract.ts";
import { describeRandomImports } from "./random-imports.contract.ts";

describeRandomEvidence("a folder", harmedFolder, 25);
describeRandomLifecycle("a folder", harmedFolder, 25);
describeRandomImports("memory", memoryPlace, 40);
describeRandomImports("a folder", harmedFolder, 40);
