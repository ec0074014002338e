/**
 * Text as a terminal lays it out: in cells, of which an ideograph or an emoji takes two, a combining
 * mark none, and a colour code none. Nothing here parts what is read as one character.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import { eastAsianWidth } from "get-east-asian-width";

/** Stands where something was left out. */
const ELLIPSIS = "…";

/** Nothing but what is one cell each: Latin letters, and the signs that our own output draws. */
const PLAIN =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u257f\u2713\u2717]*$/;

/** How many cells a text takes on one line. */
export function cellWidth(text: string): number {
  const shown = stripVTControlCharacters(text);
  return PLAIN.test(shown)
    ? shown.length
    : characters(shown).reduce((sum, { segment }) => sum + characterWidth(segment), 0);
}

/** What is read as one character each: UAX #29's extended grapheme clusters. */
function characters(text: string): Intl.SegmentData[] {
  // Made only where it is needed: the first of a process takes tens of milliseconds.
  return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)];
}

function characterWidth(character: string): number {
  // Shown as a picture by itself, by the sign behind it, or as a flag.
  if (/^(?:\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Emoji}\u{FE0F})/v.test(character)) {
    // But the sign for text makes it one again.
    return /^.\u{FE0E}/v.test(character) ? 1 : 2;
  }
  let width = 0;
  for (const point of character) {
    // What is joined on is drawn within what is there.
    if (point === "\u{200D}") break;
    if (!isUnseen(point)) width += eastAsianWidth(point.codePointAt(0) ?? 0);
  }
  return width;
}

/** Marks on another letter, later parts of a Hangul syllable, controls. */
function isUnseen(point: string): boolean {
  return /[\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\u{1160}-\u{11FF}]/v
    .test(point);
}

/**
 * A text in at most so many cells, with `…` at its end where it is cut.
 *
 * @param text Without colour codes.
 */
export function cutToCells(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  if (cells < 1) return "";
  return text.slice(0, lengthWithin(text, cells - 1)) + ELLIPSIS;
}

/**
 * A text in two: as much as so many cells hold, and the rest. The first part has at least one
 * character, however wide that is, so that whoever goes on with the rest comes to an end.
 *
 * @param text Without colour codes.
 */
export function splitAtCells(text: string, cells: number): [head: string, rest: string] {
  const length = lengthWithin(text, cells) || firstCharacter(text).length;
  return [text.slice(0, length), text.slice(length)];
}

/** A text with blanks behind it, or before it, up to so many cells. */
export function padToCells(text: string, cells: number, align: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, cells - cellWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}

/** How much of a text fits: its length in UTF-16 units, at the end of a character. */
function lengthWithin(text: string, cells: number): number {
  if (PLAIN.test(text)) return Math.min(text.length, Math.max(0, cells));
  let used = 0;
  for (const { segment, index } of characters(text)) {
    used += characterWidth(segment);
    if (used > cells) return index;
  }
  return text.length;
}

function firstCharacter(text: string): string {
  return characters(text)[0]?.segment ?? "";
}
