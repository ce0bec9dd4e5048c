/** One line of the result: what was measured, beside what it is held against in the same run. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  /** The figure that it is compared with, and what that is. */
  readonly against: string;
  readonly ratio: string;
}

const header: Row = { what: "what", figure: "figure", against: "against, in the same run", ratio: "ratio" };

export function printTable(title: string, rows: readonly Row[]): void {
  const lines = [header, { what: "---", figure: "---:", against: "---", ratio: "---:" }, ...rows].map(
    (row) => `| ${row.what} | ${row.figure} | ${row.against} | ${row.ratio} |`,
  );
  process.stdout.write(`\n### ${title}\n\n${lines.join("\n")}\n`);
}
