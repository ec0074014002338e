/**
 * Streams that people read. Everything that is shown goes through here, and whatever of it comes
 * from outside cannot be told from our own words: so what a terminal would take for commands is
 * shown instead of done, unless it is a colour that this stream's own palette has put there.
 *
 * @module
 */
import { visibleLine, visibleText } from "../../runtime/base/visible.ts";
import { createPalette, type Palette } from "./colour.ts";

/** A stream the user reads. */
export interface Output {
  /** Writes a text of ours, of any number of lines; line ends are the caller's. */
  write(text: string): void;
  /** Writes lines. A line end within one is none of ours, and is shown. */
  lines(lines: readonly string[]): void;
  /** Writes what a program reads, or what is meant for the terminal itself, as it is. */
  raw(text: string): void;
  /** A line as {@linkcode Output.lines} writes it. */
  shown(line: string): string;
  /** Colours for this stream. */
  palette: Palette;
  /** Width to keep to, in characters; `undefined` where it is no terminal: scripts read it whole. */
  readonly columns?: number | undefined;
  /** Whether a person sees it, on a terminal where a line can be changed. */
  readonly isLive?: boolean;
}

/** What {@linkcode createOutput} writes to. */
export interface OutputOptions {
  /** Takes a text as it is. */
  sink(text: string): void;
  /** Whether it is coloured. */
  colours: boolean;
  /** Its width, looked up each time: a terminal may be made wider. */
  columns(): number | undefined;
  /** See {@linkcode Output.isLive}. @default false */
  isLive?: boolean;
}

/** A stream over a sink. */
export function createOutput(
  { sink, colours, columns, isLive = false }: OutputOptions,
): Output {
  const key = randomKey();
  const own = new RegExp(`\\x1b\\[(\\d+);${key}m`);
  // At odd places is what the expression has caught.
  const resolved = (text: string, clean: (text: string) => string) =>
    colours
      ? text.split(own).map((part, at) => at % 2 === 1 ? `\x1b[${part}m` : clean(part)).join("")
      : clean(text);
  const shown = (line: string) => resolved(line, visibleLine);
  return {
    write: (text) => sink(resolved(text, visibleText)),
    lines: (lines) => {
      if (lines.length > 0) sink(lines.map((line) => `${shown(line)}\n`).join(""));
    },
    raw: sink,
    shown,
    palette: createPalette(colours, key),
    isLive,
    get columns() {
      return columns();
    },
  };
}

/** What nobody outside knows: parameters of a code that a terminal would take, too. */
function randomKey(): string {
  return Array.from(
    crypto.getRandomValues(new Uint16Array(6)),
    (number) => String(number % 10_000).padStart(4, "0"),
  ).join(";");
}

/** Groups of lines as one, with a line between them, or several. */
export function blocks(groups: readonly (readonly string[])[], between = [""]): string[] {
  const filled = groups.filter((group) => group.length > 0);
  return filled.flatMap((group, at) => at === 0 ? group : [...between, ...group]);
}
