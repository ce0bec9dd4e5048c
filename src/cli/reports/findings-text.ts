import { plainLine } from "../../domain/text/plain-text.ts";
import type { Checkup, Finding } from "../../kaizen/doctor.ts";
import { counted } from "../../messages/figures.ts";
import type { Style } from "../terminal/style.ts";

/** So many findings of one file are shown; --json has more. */
const SHOWN_OF_FILE = 10;

/** What was found, file by file, and what is to be done about it. */
export function findingsText(checkup: Checkup, style: Style, trust = ""): string {
  const { examination, failures, remaining, repaired } = checkup;
  const chapters = [
    chapter("Repaired", style.good, repaired.map(asDone), new Map(), style),
    chapter("Damage", style.bad, ofKind(remaining, "damage"), unnamedLines(checkup), style),
    chapter("Left by killed processes, and harmless", style.warning, ofKind(remaining, "leftover"), new Map(), style),
    chapter("Worth knowing", style.bold, ofKind(remaining, "remark"), new Map(), style),
    ...failures.map(
      ({ hint = "", message }) => `${style.bad("Not repaired")}: ${plainLine(`${message} ${hint}`, 600)}\n`,
    ),
    trust,
  ];
  const { agents, bytes, files } = examination;
  const looked = `Looked at ${counted(files, "file")} of ${counted(agents, "agent")}, ${bytes} bytes: ${verdict(checkup)}\n`;
  return [...chapters.filter((text) => text !== ""), looked].join("\n");
}

/** Of what was repaired there is no more to say than what was done. */
function asDone({ repair, ...finding }: Finding): Finding {
  return repair === undefined ? finding : { ...finding, advice: `done: --repair ${repair}` };
}

function ofKind(findings: readonly Finding[], kind: Finding["kind"]): Finding[] {
  return findings.filter((finding) => finding.kind === kind);
}

function unnamedLines({ examination }: Checkup): ReadonlyMap<string, number> {
  return new Map(examination.unnamed.map(({ file, lines }) => [file, lines]));
}

function chapter(
  title: string,
  paint: (text: string) => string,
  findings: readonly Finding[],
  unnamed: ReadonlyMap<string, number>,
  style: Style,
): string {
  if (findings.length === 0) return "";
  const files = [...new Set(findings.map(({ file }) => file))];
  const blocks = files.map((file) => {
    const its = findings.filter((finding) => finding.file === file);
    const shown = its.slice(0, SHOWN_OF_FILE);
    const more = its.length - shown.length + (unnamed.get(file) ?? 0);
    const lines = shown.flatMap((finding) => findingLines(finding, style));
    if (more > 0) lines.push(`    ${style.dim(`and ${counted(more, "line")} more`)}`);
    // What a repair does is said once, with the first line that it is done to.
    return [`  ${plainLine(file, 300)}`, ...new Set(lines)].map((line) => `${line}\n`).join("");
  });
  return `${paint(title)}\n${blocks.join("")}`;
}

/** A sentence about the finding, and one about what can be done. */
function findingLines({ advice, kind, line, lost, offset, reason, repair }: Finding, style: Style): string[] {
  const where = line === undefined ? "" : `line ${line}, byte ${offset}: `;
  const meaning = kind !== "damage" || line === undefined ? "" : lost ? " (set aside)" : " (everything in it counts)";
  const remedy = repair === undefined ? advice : `--repair ${repair}`;
  return [
    `    ${where}${plainLine(reason, 400)}${meaning}`,
    ...(remedy === undefined ? [] : [`      ${style.dim(plainLine(remedy, 600))}`]),
  ];
}

function verdict({ failures, remaining, repaired }: Checkup): string {
  const damage = ofKind(remaining, "damage");
  if (damage.length === 0) return failures.length > 0 ? "not everything could be repaired." : "everything is sound.";
  const files = new Set(damage.map(({ file }) => file)).size;
  const hint = damage.some(({ repair }) => repair !== undefined) && repaired.length === 0;
  const next = hint
    ? " kaizen-metrics doctor --repair repairs what it can, and keeps every byte that was recorded."
    : "";
  return `${counted(files, "file")} damaged.${next}`;
}
