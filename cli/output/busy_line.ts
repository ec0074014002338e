/**
 * One line that says what a command is busy with while it takes long. It is for a person at a
 * terminal: nothing is shown where output goes elsewhere, and nothing of it stays.
 *
 * @module
 */
import { cutToCells } from "./cells.ts";
import type { Output } from "./output.ts";

/** The streams of a command; the line is shown on standard error. */
export interface BusyStreams {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Replaces the text of the line. */
export type Say = (text: string) => void;

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** Between two frames, in milliseconds. */
const FRAME_MS = 100;

/** How many frames pass before the line is shown: what is done sooner needs none. */
const UNSEEN_FRAMES = 4;

/** Back to the begin of the line, and nothing behind it. */
const CLEAR = "\r\x1b[K";

/**
 * Shows that something is done until it is.
 *
 * @param streams `undefined` shows nothing.
 * @param text What is done, on one line.
 * @param work Does it; may say how far it is.
 */
export async function whileBusy<T>(
  streams: BusyStreams | undefined,
  text: string,
  work: (say: Say) => Promise<T>,
): Promise<T> {
  if (streams === undefined || !streams.stdout.isLive || !streams.stderr.isLive) {
    return await work(() => {});
  }
  using line = new BusyLine(streams.stderr, text);
  return await work((text) => line.say(text));
}

/**
 * Draws how much of something is done, in 20 cells.
 *
 * @param all More than 0.
 */
export function progressBar(done: number, all: number): string {
  const cells = 20;
  const full = Math.floor(cells * Math.min(1, done / all));
  return "━".repeat(full) + "─".repeat(cells - full);
}

class BusyLine implements Disposable {
  readonly #output: Output;
  readonly #timer: ReturnType<typeof setInterval>;
  #text: string;
  #frame = 0;
  #drawn: string | undefined;

  constructor(output: Output, text: string) {
    this.#output = output;
    this.#text = text;
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
  }

  say(text: string): void {
    this.#text = text;
  }

  #draw(): void {
    this.#frame++;
    if (this.#frame < UNSEEN_FRAMES) return;
    const { columns = 80 } = this.#output;
    // A terminal goes on in the next line where the last cell is taken.
    const text = cutToCells(this.#output.shown(this.#text), columns - 3);
    const frame = FRAMES[this.#frame % FRAMES.length] ?? "";
    // Where the text is the same only the sign is drawn: readers of the screen say what changes.
    this.#output.raw(text === this.#drawn ? `\r${frame}` : `${CLEAR}${frame} ${text}`);
    this.#drawn = text;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#drawn !== undefined) this.#output.raw(CLEAR);
  }
}
