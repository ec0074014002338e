/**
 * Checks JSON text of others without making values of it. A long text is checked in slices, between
 * which the event loop runs: the text of one agent must not hold up the thread that serves others.
 *
 * @module
 */
import { isDeep, VALUE_DEPTH_MAX } from "./bounded_json.ts";

/** Longest text that is checked at once, in UTF-16 units. */
const AT_ONCE = 64 * 1024;
/** Characters of a longer text that are checked at a stretch: a millisecond of work at most, about. */
const SLICE = 64 * 1024;

/**
 * Checks that a text is JSON and is nested no deeper than {@linkcode VALUE_DEPTH_MAX}.
 *
 * @returns A promise for a text that is longer than 64 KiB.
 * @throws {SyntaxError} When the text is not JSON; the promise rejects with it.
 * @throws {RangeError} When the text is nested too deep; likewise.
 */
export function checkedJsonText(text: string): void | Promise<void> {
  if (text.length > AT_ONCE) return checkedInSlices(text);
  if (isDeep(text, VALUE_DEPTH_MAX)) throw tooDeep(VALUE_DEPTH_MAX);
  JSON.parse(text);
}

async function checkedInSlices(text: string): Promise<void> {
  const scan = new JsonScan(text, VALUE_DEPTH_MAX);
  while (!scan.advance(SLICE)) await new Promise<void>((resume) => setImmediate(resume));
}

function tooDeep(max: number): RangeError {
  return new RangeError(`it is nested deeper than ${max} levels`);
}

const code = (letter: string) => letter.charCodeAt(0);
const [QUOTE, BACKSLASH, COMMA, COLON] = [code('"'), code("\\"), code(","), code(":")];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [code("["), code("]"), code("{"), code("}")];
const [MINUS, PLUS, POINT, ZERO, NINE] = [code("-"), code("+"), code("."), code("0"), code("9")];
const [SMALL_E, LARGE_E, SPACE] = [code("e"), code("E"), code(" ")];
const LITERALS: ReadonlyMap<number, string> = new Map(
  ["true", "false", "null"].map((word) => [code(word), word]),
);
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The part of the grammar (RFC 8259) that a scan is in. */
type State =
  /** A value must come. */
  | "value"
  /** A value must come, or the end of an empty list. */
  | "item"
  /** A key must come, or the end of an empty object. */
  | "member"
  /** A key must come. */
  | "key"
  | "colon"
  /** A value has ended: a comma, the end of what it is in, or the end of the text must come. */
  | "after"
  /** Within a text that is a key, or a value. */
  | "keyText"
  | "text"
  /** Within the digits of a number before its point, after it, or in its exponent. */
  | "integer"
  | "fraction"
  | "exponent";

/** A check of one text that can be interrupted anywhere. */
export class JsonScan {
  readonly #text: string;
  readonly #max: number;
  /** By level, whether it is of an object. */
  readonly #isObject: boolean[] = [];
  #state: State = "value";
  #at = 0;

  /** @param max Levels of nesting that are allowed. */
  constructor(text: string, max: number) {
    this.#text = text;
    this.#max = max;
  }

  /**
   * Checks some more of the text.
   *
   * @param length Characters to check, about.
   * @returns Whether the whole text has been found to be JSON.
   * @throws {SyntaxError} When it is not.
   * @throws {RangeError} When it is nested too deep.
   */
  advance(length: number): boolean {
    const end = Math.min(this.#text.length, this.#at + length);
    while (this.#at < end) this.#part(end);
    if (this.#at < this.#text.length) return false;
    const isNumber = this.#state === "integer" || this.#state === "fraction" ||
      this.#state === "exponent";
    if (this.#isObject.length > 0 || (this.#state !== "after" && !isNumber)) {
      throw new SyntaxError("the JSON text ends too early");
    }
    return true;
  }

  #part(end: number): void {
    switch (this.#state) {
      case "text":
      case "keyText":
        return this.#characters(end);
      case "integer":
      case "fraction":
      case "exponent":
        return this.#digits(end);
      default:
        return this.#token();
    }
  }

  /** Reads one character of structure, or the beginning of a value. */
  #token(): void {
    const letter = this.#text.charCodeAt(this.#at);
    if (isBlank(letter)) {
      this.#at += 1;
      return;
    }
    switch (this.#state) {
      case "member":
        if (letter === OBJECT_END) return this.#close();
        return this.#begin(letter === QUOTE, "keyText");
      case "key":
        return this.#begin(letter === QUOTE, "keyText");
      case "colon":
        return this.#begin(letter === COLON, "value");
      case "after":
        return this.#separator(letter);
      case "item":
        return letter === LIST_END ? this.#close() : this.#value(letter);
      default:
        return this.#value(letter);
    }
  }

  #begin(fits: boolean, state: State): void {
    if (!fits) this.#refuse();
    this.#at += 1;
    this.#state = state;
  }

  #separator(letter: number): void {
    const isObject = this.#isObject.at(-1);
    if (isObject === undefined) this.#refuse();
    if (letter === COMMA) return this.#begin(true, isObject ? "key" : "value");
    if (letter !== (isObject ? OBJECT_END : LIST_END)) this.#refuse();
    this.#close();
  }

  #value(letter: number): void {
    if (letter === QUOTE) return this.#begin(true, "text");
    if (letter === OBJECT || letter === LIST) return this.#open(letter === OBJECT);
    if (letter === MINUS || isDigit(letter)) return this.#number(letter);
    const literal = LITERALS.get(letter);
    if (literal === undefined || !this.#text.startsWith(literal, this.#at)) this.#refuse();
    this.#at += literal.length;
    this.#state = "after";
  }

  #open(isObject: boolean): void {
    if (this.#isObject.push(isObject) > this.#max) throw tooDeep(this.#max);
    this.#begin(true, isObject ? "member" : "item");
  }

  #close(): void {
    this.#isObject.pop();
    this.#begin(true, "after");
  }

  /** Reads the sign and the first digit of a number. No digit follows a zero at its beginning. */
  #number(letter: number): void {
    const first = letter === MINUS ? this.#text.charCodeAt(this.#at + 1) : letter;
    this.#at += letter === MINUS ? 1 : 0;
    this.#begin(isDigit(first), "integer");
    if (first === ZERO && isDigit(this.#text.charCodeAt(this.#at))) this.#refuse();
  }

  #digits(end: number): void {
    const text = this.#text;
    let at = this.#at;
    while (at < end && isDigit(text.charCodeAt(at))) at++;
    this.#at = at;
    if (at === end) return;
    const letter = text.charCodeAt(at);
    if (letter === POINT && this.#state === "integer") {
      this.#at += 1;
      return this.#begin(isDigit(text.charCodeAt(this.#at)), "fraction");
    }
    if ((letter === SMALL_E || letter === LARGE_E) && this.#state !== "exponent") {
      const sign = text.charCodeAt(at + 1);
      this.#at += sign === PLUS || sign === MINUS ? 2 : 1;
      return this.#begin(isDigit(text.charCodeAt(this.#at)), "exponent");
    }
    this.#state = "after";
  }

  #characters(end: number): void {
    const text = this.#text;
    let at = this.#at;
    for (; at < end; at++) {
      const letter = text.charCodeAt(at);
      if (letter < SPACE || letter === QUOTE || letter === BACKSLASH) break;
    }
    this.#at = at;
    if (at === end) return;
    const letter = text.charCodeAt(at);
    if (letter === QUOTE) return this.#begin(true, this.#state === "text" ? "after" : "colon");
    ESCAPE.lastIndex = at;
    if (letter !== BACKSLASH || !ESCAPE.test(text)) this.#refuse();
    this.#at = ESCAPE.lastIndex;
  }

  #refuse(): never {
    throw new SyntaxError(`the text is not JSON at character ${this.#at}`);
  }
}

function isDigit(letter: number): boolean {
  return letter >= ZERO && letter <= NINE;
}

function isBlank(letter: number): boolean {
  // Space, tab, line feed, carriage return.
  return letter === SPACE || letter === 9 || letter === 10 || letter === 13;
}
