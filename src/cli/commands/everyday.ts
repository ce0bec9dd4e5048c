// The commands that read the store, or change little of it, and that are loaded together.

export { agents } from "./agents.ts";
export { analysis } from "./analysis.ts";
export { brief } from "./brief.ts";
export { doctor } from "./doctor.ts";
export { executions } from "./executions.ts";
export { optimize } from "./optimize.ts";
export { prune } from "./prune.ts";
export { recommendations } from "./recommendations.ts";
export { record } from "./record.ts";
export { runs } from "./runs.ts";
export { show } from "./show.ts";
export { store } from "./store.ts";
export { summary } from "./summary.ts";
export { trust } from "./trust.ts";
export { verify } from "./verify.ts";
export { voidRun } from "./void.ts";
export { where } from "./where.ts";
