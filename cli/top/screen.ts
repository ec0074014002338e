/**
 * A terminal taken over for a live view, and given back as it was.
 *
 * @module
 */
import type { Output } from "../context.ts";

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/** A screen of one's own. */
export interface Screen extends Disposable {
  /** Replaces what is shown. */
  draw(lines: readonly string[]): void;
}

/** Takes the terminal over; disposing gives it back. */
export function openScreen(output: Output): Screen {
  output.write(ENTER);
  return {
    draw: (lines) =>
      // Written over what is there, so that nothing flickers.
      output.write(`\x1b[H${lines.map((line) => `${line}\x1b[K\r\n`).join("")}\x1b[J`),
    [Symbol.dispose]: () => output.write(LEAVE),
  };
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
