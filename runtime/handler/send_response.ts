/**
 * Sending what the handler of a route made, on the side of the gateway's code.
 *
 * @module
 */
import type { ResponseHead } from "../base/parts.ts";
import type { Outcome } from "../boundary/result.ts";
import type { CallEnvironment } from "../boundary/host.ts";

type Chunk = ReadableStreamReadResult<Uint8Array<ArrayBuffer>>;

/**
 * Sends a response. One whose body is there already is the outcome; another is emitted, its head and
 * then its bytes as they come.
 *
 * @throws What the body fails with, or the signal's reason.
 */
export async function sendResponse(
  response: Response,
  environment: CallEnvironment,
): Promise<Outcome> {
  const { status, headers, body } = response;
  const head: ResponseHead = { status, headers: [...headers] };
  if (body === null) return whole(head, undefined);
  const reader = body.getReader();
  const first = reader.read();
  const begun = await atOnce(first);
  if (begun?.done) return whole(head, undefined);
  // Looked at before anything is sent: what cannot be sent is a failure then.
  const start = begun && bytes(begun.value);
  const second = begun && reader.read();
  const rest = second && await atOnce(second);
  if (rest?.done) return whole(head, start);
  await stream(head, second === undefined ? [first] : [first, second], reader, environment);
  return { kind: "response", response: undefined };
}

/** What a promise has come to, if it has by now. */
async function atOnce<T>(promise: Promise<T>): Promise<T | undefined> {
  let value: T | undefined;
  promise.then((settled) => value = settled, () => {});
  await undefined;
  await undefined;
  return value;
}

async function stream(
  head: ResponseHead,
  begun: Promise<Chunk>[],
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  environment: CallEnvironment,
): Promise<void> {
  const { signal } = environment;
  // Whatever its closing fails with, nobody is left to be told.
  const close = () => reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", close, { once: true });
  try {
    signal.throwIfAborted();
    await environment.emit(head);
    for (;;) {
      const { done, value } = await (begun.shift() ?? reader.read());
      if (done) return;
      await environment.emit(bytes(value));
    }
  } catch (error) {
    await close();
    throw error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

function whole(head: ResponseHead, body: Uint8Array<ArrayBuffer> | undefined): Outcome {
  return { kind: "response", response: { head, body } };
}

/** A chunk of a body, which the types promise to be bytes. */
function bytes(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError(
    `a response's body is of Uint8Array chunks and this one is a ${typeof chunk}; pipe it through a TextEncoderStream`,
  );
}
