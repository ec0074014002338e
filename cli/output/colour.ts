/**
 * Terminal colours, or none.
 *
 * @module
 */

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, bold: 1, dim: 2 };

/** A colour or weight a {@linkcode Palette} knows. */
export type Colour = keyof typeof CODES;

/** Paints text for one stream; returns it unchanged where colour is not wanted. */
export interface Palette {
  /** `text` in `colour`. */
  paint(colour: Colour, text: string): string;
}

/** What {@linkcode wantsColour} looks at. */
export interface ColourQuestion {
  /** Whether the stream is a terminal. */
  isTerminal: boolean;
  /** Value of the variable `NO_COLOR`: any non-empty value turns colour off. */
  noColour: string | undefined;
}

/** Whether a stream is to be coloured (see no-color.org). */
export function wantsColour({ isTerminal, noColour }: ColourQuestion): boolean {
  return isTerminal && (noColour === undefined || noColour === "");
}

/**
 * A palette.
 *
 * @param enabled Whether to emit escape codes at all.
 * @param key Parameters of every code by which the stream tells them from those of others.
 */
export function createPalette(enabled: boolean, key = ""): Palette {
  const code = (number: number) => `\x1b[${key === "" ? number : `${number};${key}`}m`;
  return {
    paint: (colour, text) =>
      enabled && text !== "" ? `${code(CODES[colour])}${text}${code(0)}` : text,
  };
}

const AGENT_COLOURS: Colour[] = ["cyan", "green", "magenta", "yellow", "blue"];

/** The colour of an agent's prefix: the same name has the same colour on every run. */
export function agentColour(name: string): Colour {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return AGENT_COLOURS[sum % AGENT_COLOURS.length] ?? "cyan";
}
