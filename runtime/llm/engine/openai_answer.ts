/**
 * The answer in a response: whole, or event by event. Which of the two it is says its first character,
 * because some endpoints answer at once where a stream was asked for, stream where none was, or say the
 * wrong type.
 *
 * @module
 */
import { MESSAGE_MAX } from "../../base/bounded_body.ts";
import { DEPTH_MAX } from "../../base/bounded_json.ts";
import { keptWithBody } from "../../base/kept_response.ts";
import { parseExact } from "../../base/exact_json.ts";
import { readEvents } from "../../base/sse.ts";
import { NOTHING, toldBy, toldByChoice } from "./error_body.ts";
import { ToldFailure, UpstreamFailure } from "./upstream_failure.ts";

/** An answer, as far as it has been read. */
export interface Answer {
  /** Whether it comes event by event. */
  readonly isStream: boolean;
  /**
   * The objects it is made of, each when it has come.
   *
   * @throws {ToldFailure} What the endpoint says in place of an answer, or in the middle of one; also
   * when it is not JSON.
   * @throws {UpstreamFailure} `temporary` when something is nested too deep, or not an answer.
   * @throws {RangeError} When there is more than fits.
   */
  readonly objects: AsyncIterable<unknown>;
}

/** The words for an answer that is nested too deep. */
const TOO_DEEP = `the answer is nested too deep, more than ${DEPTH_MAX} levels`;

/** Begins to read the answer of a response. */
export async function answerIn(response: Response): Promise<Answer> {
  const { first, body } = await begun(response);
  const isStream = STREAM.test(first);
  return { isStream, objects: isStream ? streamed(body) : whole(body) };
}

/** A stream begins with the name of a field or a comment; no JSON begins so. */
const STREAM = /^[deir:]$/;

/** A body of which the first character has been looked at. */
async function begun(
  response: Response,
): Promise<{ readonly first: string; readonly body: ReadableStream<Uint8Array<ArrayBuffer>> }> {
  keptWithBody(response);
  const reader = (response.body ?? new Blob().stream()).getReader();
  let room = MESSAGE_MAX;
  const read = async () => {
    const piece = await reader.read();
    room -= piece.value?.length ?? 0;
    if (room >= 0) return piece;
    const error = new RangeError(`the answer is longer than the ${MESSAGE_MAX} bytes that fit`);
    await reader.cancel(error);
    throw error;
  };
  const decoder = new TextDecoder();
  const held: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>[] = [];
  let first = "";
  while (first === "" && held.at(-1)?.done !== true) {
    const piece = await read();
    held.push(piece);
    // Some send blanks while they think.
    first = decoder.decode(piece.value, { stream: true }).trimStart().slice(0, 1);
  }
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { done, value } = held.shift() ?? await read();
      if (value !== undefined) controller.enqueue(value);
      if (!done) return;
      // The last event of some streams has no end.
      controller.enqueue(LINE_ENDS);
      controller.close();
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { first, body };
}

const LINE_ENDS = new TextEncoder().encode("\n\n");

async function* whole(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<unknown> {
  const text = (await new Response(body).text()).trim();
  const object = objectIn(text);
  throwIfFailed(object);
  if (!hasChoices(object)) {
    throw new UpstreamFailure("temporary", `the answer has no choices: ${text}`);
  }
  yield object;
}

async function* streamed(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<unknown> {
  let isOver = false;
  const options = { maxLength: MESSAGE_MAX, dataFields: DATA_FIELDS };
  for await (const { event, data } of readEvents(body, options)) {
    isOver ||= data.startsWith("[DONE]");
    // Read to the end of the body: its connection is used again.
    if (isOver || data.trim() === "") continue;
    const object = objectIn(data);
    throwIfFailed(object, event === "error");
    yield object;
  }
}

/** Fields of events that hold data; llama.cpp wrote its failures into one of their own. */
const DATA_FIELDS = ["data", "error"];

function objectIn(text: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    if (error instanceof RangeError) throw new UpstreamFailure("temporary", TOO_DEEP);
    // Not in the words of the parser: they cut the text, and with it a key that is then not known for one.
    const said = text === "" ? "the answer is empty" : `the answer is not JSON: ${text}`;
    // Some say in plain words what is wrong.
    throw new ToldFailure({ ...NOTHING, message: said });
  }
}

function throwIfFailed(object: unknown, isFailure = false): void {
  const told = toldBy(object, isFailure) ?? choicesOf(object).map(toldByChoice).find(Boolean);
  if (told !== undefined) throw new ToldFailure(told);
}

function hasChoices(object: unknown): boolean {
  return choicesOf(object).length > 0;
}

function choicesOf(object: unknown): readonly unknown[] {
  if (typeof object !== "object" || object === null || !("choices" in object)) return [];
  return Array.isArray(object.choices) ? object.choices : [];
}
