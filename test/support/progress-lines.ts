/** How far a command has come, as it says on a machine so busy that it takes two seconds. */
const progressLines = /^kaizen-metrics: .*: [\d.]+(?: of [\d.]+)?(?: MB)?\n/gm;

/** What a command says on any machine. */
export function withoutProgress(text: string): string {
  return text.replaceAll(progressLines, "");
}
