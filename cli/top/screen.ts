/**
 * A terminal taken over for a live view, and given back as it was.
 *
 * @module
 */
import type { Output } from "../app/context.ts";

// Lines that are too long are cut by the terminal, not continued on the next.
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l";

/** A screen of one's own. */
export interface Screen extends Disposable {
  /** Replaces what is shown; the first lines, and how many more there are, where not all fit. */
  draw(lines: readonly string[]): void;
}

/**
 * Takes the terminal over; disposing gives it back.
 *
 * @param rows How many lines it has now.
 */
export function openScreen(
  output: Pick<Output, "raw" | "shown">,
  rows: () => number = terminalRows,
): Screen {
  output.raw(ENTER);
  return {
    draw: (lines) => {
      // The cursor needs a line too.
      const room = rows() - 1;
      const shown = lines.length <= room
        ? lines
        : [...lines.slice(0, room - 1), `… and ${lines.length - room + 1} more`];
      // Written over what is there, so that nothing flickers.
      const text = shown.map((line) => `${output.shown(line)}\x1b[K\r\n`).join("");
      output.raw(`\x1b[H${text}\x1b[J`);
    },
    [Symbol.dispose]: () => output.raw(LEAVE),
  };
}

function terminalRows(): number {
  try {
    return Deno.consoleSize().rows || Infinity;
  } catch {
    // A terminal that does not tell its size.
    return Infinity;
  }
}

/** The keyboard, one key at a time. */
export interface Keyboard extends Disposable {
  /** Settles when one of `keys` is pressed, or nothing more can be. */
  pressed(keys: string): Promise<void>;
}

/** Reads keys as they are pressed, without showing them; disposing gives the terminal back. */
export function openKeyboard(): Keyboard {
  // Ctrl+C stays a signal.
  Deno.stdin.setRaw(true, { cbreak: Deno.build.os !== "windows" });
  const reader = Deno.stdin.readable.getReader();
  return {
    pressed: async (keys) => {
      const decoder = new TextDecoder();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        if ([...decoder.decode(value)].some((key) => keys.includes(key))) return;
      }
    },
    [Symbol.dispose]: () => {
      Deno.stdin.setRaw(false);
      void reader.cancel().catch(() => {});
    },
  };
}
