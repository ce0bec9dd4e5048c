import { byHand, simulatedTables, simulateErrors } from "./simulated-errors.ts";

// `npm run simulate`: the tables of the manual with 2,000 histories for each figure.
for (const table of simulatedTables(simulateErrors(byHand))) process.stdout.write(`${table}\n\n`);
