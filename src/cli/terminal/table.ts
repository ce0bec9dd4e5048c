import { plainLine } from "../../domain/text/plain-text.ts";
import type { Style } from "./style.ts";
import { cutToWidth, displayWidth, wrapped, wrapToWidth } from "./text-width.ts";

export interface Column {
  readonly title: string;
  /** Numbers stand on the right. */
  readonly align?: "right";
  /** May be cut where the terminal is too narrow. Free text stands in such a column, and in the last one. */
  readonly flexible?: true;
  /** May be cut down to so many columns; 16 if nothing is said. */
  readonly least?: number;
  /** Stands below its row where a terminal has too little room beside it: then all of it is shown, broken at words. */
  readonly below?: true;
  /** Left out if it is empty, or where the terminal is too narrow: the highest number goes first, and 0 never does. */
  readonly dispensable?: number;
}

/** A cell's text is data: whatever an agent recorded, it stays one line and steers no terminal. */
export type Cell = string | { readonly text: string; paint(text: string): string };

/** As much of one cell as is looked at; --json has the whole. */
const LONGEST_CELL = 4_000;
/** Less of a text says nothing. */
const NARROWEST_COLUMN = 16;
const GAP = "  ";

/**
 * Aligned columns under their titles. A pipe gets everything; a terminal as many columns, and as much of them, as fit.
 *
 * Stands in for cli-table3 (49 kB), which leaves no column out, and whose cells may steer the terminal.
 */
export function table(allColumns: readonly Column[], allRows: readonly (readonly Cell[])[], style: Style): string {
  const all = allColumns.map((column, index) => {
    const cells = allRows.map((row) => row[index] ?? "");
    const width = cells.reduce(
      (most, cell) => Math.max(most, displayWidth(cellText(cell))),
      displayWidth(column.title),
    );
    return { column, cells, width };
  });
  const filled = all.filter(
    ({ cells, column }) => column.dispensable === undefined || cells.some((cell) => cellText(cell) !== ""),
  );
  const { below, beside } = arranged(filled, style.width);
  const kept = indispensable(beside, style.width);
  const widths = fitted(
    kept.map(({ width }) => width),
    kept.map(({ column }) => column),
    style.width,
  );
  const line = (cells: readonly Cell[], paint: (cell: Cell) => (text: string) => string) =>
    cells
      .map((cell, index) => {
        const shown = cutToWidth(cellText(cell), widths[index] ?? 0);
        const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(shown)));
        const painted = paint(cell)(shown);
        if (kept[index]?.column.align === "right") return padding + painted;
        return index === kept.length - 1 ? painted : painted + padding;
      })
      .join(GAP)
      .trimEnd();
  const rows = allRows.flatMap((_, row) => [
    line(
      kept.map(({ cells }) => cells[row] ?? ""),
      paintOf,
    ),
    ...below.flatMap(({ cells }) => belowLines(cells[row] ?? "", style.width)),
  ]);
  const titles = line(
    kept.map(({ column }) => column.title),
    () => style.bold,
  );
  return [titles, ...rows].map((text) => `${text}\n`).join("");
}

function paintOf(cell: Cell): (text: string) => string {
  return typeof cell === "object" ? (text) => cell.paint(text) : (text) => text;
}

/** Which columns stand below their rows: those that may, if what they say would be cut beside the others. */
function arranged(all: readonly MeasuredColumn[], available: number | undefined) {
  const isBelow = ({ column }: MeasuredColumn) => column.below === true;
  if (available === undefined || widthOf(all, ({ width }) => width) <= available) return { beside: all, below: [] };
  return { beside: all.filter((column) => !isBelow(column)), below: all.filter(isBelow) };
}

/** All of a cell, indented and broken at words. */
function belowLines(cell: Cell, available: number | undefined): string[] {
  const text = cellText(cell);
  if (text === "") return [];
  return wrapped(text, (available ?? Number.POSITIVE_INFINITY) - GAP.length).map((part) => GAP + paintOf(cell)(part));
}

/**
 * Names and what they stand for, one a line; lines with nothing to say are left out. On a terminal, what is wider goes on
 * below itself.
 */
export function fields(rows: readonly (readonly [name: string, value: string | undefined])[], style: Style): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  const indent = width + GAP.length;
  const room = style.width === undefined ? Number.POSITIVE_INFINITY : Math.max(NARROWEST_COLUMN, style.width - indent);
  return rows
    .flatMap(([name, value]) => {
      if (value === undefined || value === "") return [];
      const text = wrapToWidth(value, room).join(`\n${" ".repeat(indent)}`);
      return [`${style.dim(name.padEnd(width))}${GAP}${text}\n`];
    })
    .join("");
}

function cellText(cell: Cell): string {
  return plainLine(typeof cell === "string" ? cell : cell.text, LONGEST_CELL);
}

interface MeasuredColumn {
  readonly column: Column;
  readonly cells: readonly Cell[];
  readonly width: number;
}

function leastOf({ least = NARROWEST_COLUMN }: Column): number {
  return least;
}

function widthOf(all: readonly MeasuredColumn[], each: (column: MeasuredColumn) => number): number {
  return all.reduce((sum, column) => sum + each(column), GAP.length * (all.length - 1));
}

function indispensable(all: readonly MeasuredColumn[], available: number | undefined): readonly MeasuredColumn[] {
  const needed = widthOf(all, ({ column, width }) => (column.flexible ? Math.min(width, leastOf(column)) : width));
  if (available === undefined || needed <= available) return all;
  const order = all.map(({ column }) => column.dispensable ?? 0);
  const first = Math.max(...order);
  return first === 0 ? all : indispensable(all.toSpliced(order.indexOf(first), 1), available);
}

/** Takes width from the widest flexible one until the line fits, or none is left to take from. */
function fitted(natural: readonly number[], columns: readonly Column[], available: number | undefined): number[] {
  const widths = [...natural];
  if (available === undefined) return widths;
  let surplus = widths.reduce((sum, width) => sum + width, GAP.length * (columns.length - 1)) - available;
  while (surplus > 0) {
    const flexible = widths.flatMap((width, index) => {
      const column = columns[index];
      return column?.flexible && width > leastOf(column) ? [{ width, index, least: leastOf(column) }] : [];
    });
    const widest = flexible.sort((a, b) => b.width - a.width)[0];
    if (widest === undefined) break;
    // Down to the next widest at once, so that a huge cell costs no more than a long one.
    const next = Math.max(widest.least, flexible[1]?.width ?? 0);
    const taken = Math.min(surplus, Math.max(1, widest.width - next));
    widths[widest.index] = widest.width - taken;
    surplus -= taken;
  }
  return widths;
}
