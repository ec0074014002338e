/**
 * Reading an event stream in tests.
 *
 * @module
 */

/** A message as it came. */
export interface Received {
  id?: string;
  event?: string;
  // deno-lint-ignore no-explicit-any -- tests look into messages of every kind
  data: any;
}

/** The messages of one answer; comments and waiting times are skipped. */
export class StreamReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(response: Response) {
    if (response.body === null) throw new Error(`no stream: ${response.status}`);
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next message; `undefined` at the end. */
  async next(): Promise<Received | undefined> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end === -1) {
        const { value, done } = await this.#reader.read();
        if (done) return undefined;
        this.#text += value;
        continue;
      }
      const lines = this.#text.slice(0, end).split("\n");
      this.#text = this.#text.slice(end + 2);
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const [id, event, data] = [field("id"), field("event"), field("data")];
      if (data === undefined) continue;
      return {
        ...(id !== undefined && { id }),
        ...(event !== undefined && { event }),
        data: JSON.parse(data),
      };
    }
  }

  /** So many further messages. */
  async take(count: number): Promise<Received[]> {
    const messages: Received[] = [];
    while (messages.length < count) {
      const message = await this.next();
      if (message === undefined) throw new Error(`the stream ended after ${messages.length}`);
      messages.push(message);
    }
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
