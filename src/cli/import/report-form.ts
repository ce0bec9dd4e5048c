/** The forms in which a test run may be reported. */
const reportForms = ["junit", "tap", "vitest"] as const;

export type ReportForm = (typeof reportForms)[number];

export function isReportForm(word: string): word is ReportForm {
  return reportForms.some((form) => form === word);
}
