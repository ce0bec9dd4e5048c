import type { ComponentChildren, HTMLAttributes } from "preact";

/** A column, or nothing if there is no room for it. */
export type Column<T> =
  | false
  | {
      readonly head: ComponentChildren;
      readonly cell: (row: T) => ComponentChildren;
      /** What its cells have in common: `number`, `nowrap`, `tight`, `who`. */
      readonly kind?: string;
    };

interface TableProps<T> {
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T, place: number) => string | number;
  readonly attributes?: HTMLAttributes<HTMLTableElement>;
  /** What happens if a row is clicked. */
  readonly onRow?: (row: T, event: MouseEvent) => void;
  /** What is shown below a row, as wide as the table. */
  readonly below?: (row: T) => ComponentChildren;
}

/** Every table of the page. */
export function Table<T>({ attributes, below, columns, keyOf, onRow, rows }: TableProps<T>) {
  const shown = columns.filter((column) => column !== false);
  return (
    <table {...attributes}>
      <thead>
        <tr>
          {shown.map(({ head, kind }, place) => (
            <th key={place} class={kind ?? ""}>
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, place) => {
          const more = below?.(row);
          return [
            <tr key={keyOf(row, place)} class={onRow ? "go" : ""} onClick={(event) => onRow?.(row, event)}>
              {shown.map(({ cell, kind }, column) => (
                <td key={column} class={kind ?? ""}>
                  {cell(row)}
                </td>
              ))}
            </tr>,
            more && (
              <tr key={`below ${keyOf(row, place)}`} class="below">
                <td colSpan={shown.length}>{more}</td>
              </tr>
            ),
          ];
        })}
      </tbody>
    </table>
  );
}
