/**
 * The lines of an event stream, changed on their way to who reads it.
 *
 * @module
 */

const END = /\r\n|\n|\r/g;

/**
 * Returns an event stream with each line replaced; their ends stay. A line is held until it is whole, as
 * its reader would: whoever gives the stream sees to it that there is an end to it.
 */
export function eventLines(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  replace: (line: string) => string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  /** Pieces of the line whose end has not come. */
  let pieces: string[] = [];
  const whole = (piece: string) => {
    const line = [...pieces, piece].join("");
    pieces = [];
    return replace(line);
  };
  const replaced = new TransformStream<string, string>({
    transform(text, controller) {
      let [start, lines] = [0, ""];
      // An end that is cut in two is an end and an empty line, which the rest of it ends.
      for (const { 0: end, index } of text.matchAll(END)) {
        lines += whole(text.slice(start, index)) + end;
        start = index + end.length;
      }
      if (start < text.length) pieces.push(text.slice(start));
      if (lines !== "") controller.enqueue(lines);
    },
    flush(controller) {
      controller.enqueue(whole(""));
    },
  });
  return body.pipeThrough(new TextDecoderStream()).pipeThrough(replaced)
    .pipeThrough(new TextEncoderStream());
}
