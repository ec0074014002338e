/**
 * Markdown as a terminal shows it, in lines that fit.
 *
 * @module
 */
import { lexer, type Token, type Tokens } from "marked";
import { cellWidth } from "../output/cells.ts";
import type { Palette } from "../output/colour.ts";
import { renderTable } from "../output/table.ts";

/** How a page is shown. */
export interface RenderOptions {
  /** Widest line, in cells; code and tables are never broken. */
  width: number;
  palette: Palette;
}

/** The lines of a page. */
export function renderPage(markdown: string, options: RenderOptions): string[] {
  const blocks = lexer(markdown).filter(({ type }) => type !== "space");
  return blocks.flatMap((block, index) => [
    ...(index === 0 ? [] : [""]),
    ...renderBlock(block, options),
  ]);
}

function renderBlock(block: Token, options: RenderOptions): string[] {
  const { palette, width } = options;
  switch (block.type) {
    case "heading":
      return filled(inline(block.tokens ?? [], palette), width)
        .map((line) => palette.paint("bold", line));
    case "code":
      return String(block["text"]).split("\n").map((line) => `    ${palette.paint("green", line)}`);
    case "table":
      return renderCells(block as Tokens.Table, options);
    case "list":
      return (block as Tokens.List).items.flatMap((item) => {
        const [first = "", ...rest] = filled(inline(item.tokens, palette), width - 4);
        return [`  - ${first}`, ...rest.map((line) => `    ${line}`)];
      });
    default:
      return filled(inline("tokens" in block ? block.tokens ?? [] : [block], palette), width);
  }
}

function renderCells({ header, rows }: Tokens.Table, { palette }: RenderOptions): string[] {
  const columns = header.map(({ tokens }) => ({ title: plainText(tokens) }));
  const cells = rows.map((row) => row.map(({ tokens }) => plainText(tokens)));
  return renderTable(columns, cells, { palette }).map((line) => `  ${line}`);
}

/** A word with what it looks like, and how wide that is. */
interface Word {
  shown: string;
  width: number;
}

/** The words of a text, each painted by itself so that lines may break between any two. */
function inline(tokens: readonly Token[], palette: Palette): Word[] {
  return joined(pieces(tokens)).map((parts) => ({
    shown: parts.map(({ text, colour }) => colour ? palette.paint(colour, text) : text).join(""),
    width: parts.reduce((sum, { text }) => sum + cellWidth(text), 0),
  }));
}

interface Piece {
  text: string;
  colour?: "bold" | "green";
}

function pieces(tokens: readonly Token[], colour?: Piece["colour"]): Piece[] {
  return tokens.flatMap((token): Piece[] => {
    if (token.type === "codespan") return [{ text: String(token["text"]), colour: "green" }];
    if (token.type === "strong") return pieces(token.tokens ?? [], "bold");
    if ("tokens" in token && token.tokens) return pieces(token.tokens, colour);
    const text = "text" in token ? String(token.text) : token.raw;
    return [colour === undefined ? { text } : { text, colour }];
  });
}

/** Pieces regrouped into words: what no blank parts belongs together. */
function joined(all: readonly Piece[]): Piece[][] {
  const words: Piece[][] = [[]];
  for (const piece of all) {
    for (const [index, text] of piece.text.split(/\s+/).entries()) {
      if (index > 0) words.push([]);
      if (text !== "") words.at(-1)?.push({ ...piece, text });
    }
  }
  return words.filter((word) => word.length > 0);
}

function plainText(tokens: readonly Token[] | undefined): string {
  return pieces(tokens ?? []).map(({ text }) => text).join("");
}

function filled(words: readonly Word[], width: number): string[] {
  const lines: string[] = [];
  let used = 0;
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || used + 1 + word.width > width) {
      lines.push(word.shown);
      used = word.width;
      continue;
    }
    lines[lines.length - 1] = `${last} ${word.shown}`;
    used += 1 + word.width;
  }
  return lines;
}
