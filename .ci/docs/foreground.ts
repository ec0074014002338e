/**
 * A command that runs until it is interrupted, as a reader of its output sees it.
 *
 * @module
 */

/** A running command. */
export interface Foreground {
  /** Resolves with the output so far as soon as it contains a text, and with all of it at the end. */
  shows(text: string): Promise<string>;
  /** Sends what Ctrl+C sends and waits for the end. */
  interrupt(): Promise<number>;
}

/** Follows a process whose standard output and error are piped. */
export function foreground(child: Deno.ChildProcess): Foreground {
  let output = "";
  let printed = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      output += text;
      printed.resolve();
      printed = Promise.withResolvers();
    }
  };
  let isOver = false;
  const ended = Promise.all([read(child.stdout), read(child.stderr)]).then(() => {
    isOver = true;
  });
  return {
    async shows(text) {
      while (!output.includes(text) && !isOver) await Promise.race([printed.promise, ended]);
      return output;
    },
    async interrupt() {
      child.kill("SIGINT");
      const [{ code }] = await Promise.all([child.status, ended]);
      return code;
    },
  };
}
