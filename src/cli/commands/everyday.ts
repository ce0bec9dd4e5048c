// The commands that read the store, or change little of it, and that are loaded together.

export { analysis } from "./advise/analysis.ts";
export { optimize } from "./advise/optimize.ts";
export { recommendations } from "./advise/recommendations.ts";
export { doctor } from "./files/doctor.ts";
export { prune } from "./files/prune.ts";
export { store } from "./files/store.ts";
export { trust } from "./files/trust.ts";
export { where } from "./files/where.ts";
export { agents } from "./read/agents.ts";
export { brief } from "./read/brief.ts";
export { executions } from "./read/executions.ts";
export { runs } from "./read/runs.ts";
export { show } from "./read/show.ts";
export { summary } from "./read/summary.ts";
export { record } from "./report/record.ts";
export { verify } from "./report/verify.ts";
export { voidRun } from "./report/void.ts";
