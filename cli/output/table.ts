/**
 * Aligned text tables.
 *
 * @module
 */
import { cellWidth, cutToCells, padToCells } from "./cells.ts";
import type { Colour, Palette } from "./colour.ts";

/** A column of a table. */
export interface Column {
  /** Heading, in capitals. */
  title: string;
  /** @default {"left"} */
  align?: "left" | "right";
}

/** A cell: text, or text with a colour. */
export type Cell = string | { text: string; colour: Colour };

/** What {@linkcode renderTable} may be told. */
export interface TableOptions {
  /** How cells are coloured. */
  palette: Palette;
  /** Draw a line of dashes under the headings. @default {true} */
  rule?: boolean;
  /** Width to keep to, in cells of the terminal: the widest columns are shortened. @default {Infinity} */
  columns?: number | undefined;
}

/** No column is made narrower than this. */
const NARROWEST = 8;

/** Where a table is shown; a stream of a command is one. */
export type TablePlace = Pick<TableOptions, "palette" | "columns">;

const GAP = "  ";

/**
 * Lines of a table, without line ends. Widths follow the content and colour codes do not count.
 *
 * @param columns Headings and alignment.
 * @param rows One list of cells a row, in column order; a missing cell is empty.
 */
export function renderTable(columns: Column[], rows: Cell[][], options: TableOptions): string[] {
  const natural = columns.map((column, index) =>
    Math.max(cellWidth(column.title), ...rows.map((row) => cellWidth(cellText(row[index]))))
  );
  const widths = fittingWidths(natural, options.columns ?? Infinity);
  const line = (cells: (Cell | undefined)[]) =>
    columns.map((column, index) => {
      const cell = cells[index];
      const room = widths[index] ?? 0;
      const text = cutToCells(cellText(cell), room);
      const painted = typeof cell === "object" ? options.palette.paint(cell.colour, text) : text;
      return padToCells(painted, room, column.align);
    }).join(GAP).trimEnd();
  const head = [line(columns.map((column) => column.title))];
  if (options.rule !== false) {
    head.push("-".repeat(widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length)));
  }
  return [...head, ...rows.map(line)];
}

/** The widths, the widest made narrower until all fit, or until none can be. */
function fittingWidths(natural: readonly number[], limit: number): number[] {
  const widths = [...natural];
  let surplus = widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length) - limit;
  while (surplus > 0) {
    const widest = Math.max(...widths);
    if (widest <= NARROWEST) break;
    widths[widths.indexOf(widest)] = widest - 1;
    surplus--;
  }
  return widths;
}

function cellText(cell: Cell | undefined): string {
  return typeof cell === "object" ? cell.text : cell ?? "";
}
