/**
 * Cuts a stream of bytes into lines.
 *
 * @module
 */

/** Collects bytes until a line is complete. */
export interface LineSplitter {
  /** Returns the lines that `bytes` completes, without their ends. */
  push(bytes: Uint8Array): string[];
  /** Returns the unfinished line that is left when the stream has ended. */
  end(): string[];
}

/**
 * Returns a splitter for one stream. Characters cut in two by the stream are put together again.
 *
 * @param limit Longest line, in UTF-16 units; a longer one is given as its beginning and the number
 * of characters that are left out.
 */
export function createLineSplitter(limit = Infinity): LineSplitter {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  let length = 0;
  const add = (part: string) => {
    const room = Math.max(0, limit - length);
    if (room > 0 && part !== "") parts.push(part.slice(0, room));
    length += part.length;
  };
  const take = (): string => {
    const kept = parts.join("");
    const line = length > limit
      ? `${kept}… (${length - kept.length} characters more)`
      : withoutReturn(kept);
    parts = [];
    length = 0;
    return line;
  };
  return {
    push: (bytes) => {
      const [first = "", ...others] = decoder.decode(bytes, { stream: true }).split("\n");
      const lines: string[] = [];
      add(first);
      for (const part of others) {
        lines.push(take());
        add(part);
      }
      return lines;
    },
    end: () => {
      add(decoder.decode());
      return length === 0 ? [] : [take()];
    },
  };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
