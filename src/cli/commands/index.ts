import type { Command } from "../frame/define-command.ts";
import { agents } from "./agents.ts";
import { analysis } from "./analysis.ts";
import { brief } from "./brief.ts";
import { doctor } from "./doctor.ts";
import { executions } from "./executions.ts";
import { exportRuns } from "./export.ts";
import { hook } from "./hook.ts";
import { importRuns } from "./import.ts";
import { init } from "./init.ts";
import { prune } from "./prune.ts";
import { recommendations } from "./recommendations.ts";
import { record } from "./record.ts";
import { serve } from "./serve.ts";
import { summary } from "./summary.ts";
import { trust } from "./trust.ts";
import { verify } from "./verify.ts";
import { where } from "./where.ts";

export { serve };

/** In the order in which the overview shows them, within their chapters. */
export const commands: readonly Command[] = [
  record,
  verify,
  summary,
  brief,
  agents,
  executions,
  recommendations,
  analysis,
  where,
  trust,
  prune,
  doctor,
  exportRuns,
  importRuns,
  init,
  serve,
  hook,
];
