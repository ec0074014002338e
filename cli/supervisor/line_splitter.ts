/**
 * Cuts a stream of bytes into lines.
 *
 * @module
 */

/** Collects bytes until a line is complete. */
export interface LineSplitter {
  /** The lines that `bytes` completes, without their ends. */
  push(bytes: Uint8Array): string[];
  /** What is left when the stream has ended. */
  end(): string[];
}

/** A splitter for one stream. Characters cut in two by the stream are put together again. */
export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push: (bytes) => {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      return lines.map(withoutReturn);
    },
    end: () => {
      const last = rest + decoder.decode();
      rest = "";
      return last === "" ? [] : [withoutReturn(last)];
    },
  };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
