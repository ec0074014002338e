/**
 * Aligned text tables.
 *
 * @module
 */
import { visibleLine } from "../../runtime/base/visible.ts";
import { cellWidth, cutToCells, padToCells } from "./cells.ts";
import type { Colour, Palette } from "./colour.ts";
import { wrapped } from "./wrapped.ts";

/** A column of a table. */
export interface Column {
  /** Heading, in capitals. */
  title: string;
  /** @default {"left"} */
  align?: "left" | "right";
  /** Cells it keeps while another column can be left out; it is no wider than it needs. @default {8} */
  least?: number;
  /** Where there is no room for all, the column with the lowest goes first. @default it stays */
  rank?: number;
}

/** A cell: text, or text with a colour. */
export type Cell = string | { text: string; colour: Colour };

/** What {@linkcode renderTable} may be told. */
export interface TableOptions {
  /** How cells are coloured. */
  palette: Palette;
  /** Draw a line of dashes under the headings. @default {true} */
  rule?: boolean;
  /**
   * Width to keep to, in cells of the terminal: columns are shortened, the widest first; where that
   * is not enough those with a rank are left out, and a line below the table says which.
   *
   * @default {Infinity}
   */
  columns?: number | undefined;
  /** What shows the columns that are left out, for the line below: `-o wide`. */
  whole?: string;
}

/** No column is made narrower than this while there is another way. */
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
export function renderTable(
  columns: readonly Column[],
  rows: readonly Cell[][],
  options: TableOptions,
): string[] {
  const limit = options.columns ?? Infinity;
  const all = columns.map((column, index): MeasuredColumn => {
    const texts = [column.title, ...rows.map((row) => cellText(row[index]))];
    const natural = Math.max(...texts.map(cellWidth));
    return { ...column, index, natural, least: Math.min(natural, column.least ?? NARROWEST) };
  });
  // An empty column without a heading takes no room.
  const filled = all.filter(({ natural }) => natural > 0);
  const shown = withRoom(filled, limit);
  const widths = fittingWidths(shown, limit);
  const line = (cells: readonly (Cell | undefined)[]) =>
    shown.map(({ index, align }, at) => {
      const cell = cells[index];
      const room = widths[at] ?? 0;
      const text = cutToCells(cellText(cell), room);
      const painted = typeof cell === "object" ? options.palette.paint(cell.colour, text) : text;
      return padToCells(painted, room, align);
    }).join(GAP).trimEnd();
  const head = [line(columns.map((column) => column.title))];
  if (options.rule !== false) head.push("-".repeat(widthOf(widths)));
  const left = filled.filter((column) => !shown.includes(column));
  return [...head, ...rows.map(line), ...leftOut(left, options)];
}

interface MeasuredColumn extends Column {
  /** Its place among all columns. */
  index: number;
  /** Cells that show everything. */
  natural: number;
  least: number;
}

/** The columns that stay: as many, by rank, as have room for the least each of them wants. */
function withRoom(all: readonly MeasuredColumn[], limit: number): MeasuredColumn[] {
  const shown = [...all];
  while (widthOf(shown.map(({ least }) => least)) > limit) {
    const [first] = shown.filter(({ rank }) => rank !== undefined)
      .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
    if (first === undefined) break;
    shown.splice(shown.indexOf(first), 1);
  }
  return shown;
}

/** The widths, the widest made narrower until all fit; below the least only where they must. */
function fittingWidths(shown: readonly MeasuredColumn[], limit: number): number[] {
  const widths = shown.map(({ natural }) => natural);
  const narrow = (least: readonly number[]) => {
    while (widthOf(widths) > limit) {
      const open = widths.filter((width, at) => width > (least[at] ?? 1));
      if (open.length === 0) return;
      const widest = Math.max(...open);
      const at = widths.findIndex((width, index) =>
        width === widest && width > (least[index] ?? 1)
      );
      widths[at] = widest - 1;
    }
  };
  narrow(shown.map(({ least }) => least));
  narrow(shown.map(() => 1));
  return widths;
}

function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length);
}

/** Says what is not shown, and what shows it. */
function leftOut(columns: readonly Column[], options: TableOptions): string[] {
  if (columns.length === 0) return [];
  const { palette, whole, columns: limit = Infinity } = options;
  const titles = columns.map(({ title }) => title).join(", ");
  const remedy = whole === undefined ? "" : ` (${whole} shows all)`;
  return wrapped(`No room for ${titles}${remedy}`, limit).map((line) => palette.paint("dim", line));
}

/** What stands in a cell takes the room of what is seen of it. */
function cellText(cell: Cell | undefined): string {
  return visibleLine(typeof cell === "object" ? cell.text : cell ?? "");
}
