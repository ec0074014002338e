/**
 * Tool calls, put together from the pieces in which endpoints stream them. OpenAI's come with a number
 * each, their id and name once, their arguments bit by bit; others leave out any of these, repeat them,
 * or get the numbers wrong. Pure.
 *
 * @module
 */
import { asObject, isObject } from "../../base/json.ts";
import type { ChatToolCall } from "../../define/contract.ts";
import { argumentsIn } from "../wire/call_arguments.ts";
import { values } from "../wire/json_text.ts";

/** A piece, as far as it tells what it belongs to. */
interface Piece {
  readonly index: number | undefined;
  readonly id: string | undefined;
  readonly name: string | undefined;
  readonly args: string;
}

/** Puts the calls of one answer together. */
export class CallPieces {
  readonly #tools: readonly string[];
  readonly #calls: Call[] = [];

  /** @param tools The names of the tools that can be called, as far as they are known. */
  constructor(tools: readonly string[] = []) {
    this.#tools = tools;
  }

  /** Whether no call has begun. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** Takes a call, or a piece of one. */
  add(given: unknown): void {
    if (!isObject(given)) return;
    const { index, id, type: _, function: called, ...extra } = given;
    const { name, arguments: args } = asObject(called);
    const piece = {
      index: wholeNumber(index),
      id: word(id),
      name: word(name),
      args: textOf(args),
    };
    let call = this.#ownerOf(piece);
    if (call === undefined) this.#calls.push(call = new Call());
    call.take(piece, this.#tools);
    Object.assign(call.extra, extra);
  }

  /** The calls; each has an id of its own, and arguments that are some text. */
  calls(): ChatToolCall[] {
    const ids = new Set<string>();
    return this.#calls.flatMap((call) =>
      call.arguments.map((args): ChatToolCall => {
        const isFree = call.id !== "" && !ids.has(call.id);
        const id = isFree ? call.id : `call_${ids.size + 1}_${crypto.randomUUID().slice(0, 8)}`;
        ids.add(id);
        return {
          ...call.extra,
          id,
          type: "function",
          function: { name: call.name, arguments: args },
        };
      })
    ).filter(({ function: { name, arguments: args } }) => name !== "" || args !== "{}");
  }

  /** The call a piece goes on with; `undefined` when it begins one. */
  #ownerOf(piece: Piece): Call | undefined {
    const { index, id, name } = piece;
    const known = this.#calls.find((call) => call.id !== "" && call.id === id);
    // An id that is known is its call's, whatever the number says; some give all calls one id.
    if (known !== undefined) return known.repeats(name) || !known.isWhole ? known : undefined;
    const last = this.#calls.at(-1);
    const numbered = this.#calls.findLast((call) => index !== undefined && call.indexes.has(index));
    if (name !== undefined) {
      const before = index === undefined ? last : numbered;
      return before?.goesOnWith(piece, this.#tools) ? before : undefined;
    }
    // A number nobody has begun, or none, goes on with the call that came last.
    const before = numbered ?? last;
    const isAnother = id !== undefined && before !== undefined && before.id !== "" &&
      before.isWhole;
    return isAnother ? undefined : before;
  }
}

/** A call that has begun. */
class Call {
  readonly indexes = new Set<number>();
  readonly extra: Record<string, unknown> = {};
  id = "";
  name = "";
  #lastName = "";
  readonly #pieces: string[] = [];

  take({ index, id = "", name = "", args }: Piece, tools: readonly string[]): void {
    if (index !== undefined) this.indexes.add(index);
    this.id ||= id;
    if (args !== "") this.#pieces.push(args);
    if (name === "" || this.repeats(name) || tools.includes(this.name)) return;
    // A name that has the name so far in it is the whole one.
    this.name = name.startsWith(this.name) ? name : this.name + name;
    this.#lastName = name;
  }

  /** Whether its arguments are complete. */
  get isWhole(): boolean {
    const last = this.#pieces.at(-1) ?? "";
    // Most pieces cannot be the last: they are not read for it.
    return /["\]}l]\s*$/.test(last) && isArguments(this.#pieces.join(""));
  }

  /** Whether a name says nothing new. */
  repeats(name: string | undefined): boolean {
    return name === undefined || name === this.name || name === this.#lastName;
  }

  /** Whether a piece with a name goes on with it. */
  goesOnWith({ index, id, name = "", args }: Piece, tools: readonly string[]): boolean {
    if (this.isWhole) return false;
    if (id !== undefined && this.id !== "") {
      // Some make an id for every piece: arguments that are not done do not begin anew.
      return this.#pieces.length > 0 && this.repeats(name) && !args.trimStart().startsWith("{");
    }
    if (this.name === "" || this.repeats(name)) return true;
    if (this.#pieces.length > 0 || tools.includes(this.name)) return false;
    // Without a number, only a name that is known tells a further part from a further call.
    const joined = name.startsWith(this.name) ? name : this.name + name;
    return index !== undefined || tools.some((tool) => tool.startsWith(joined));
  }

  /** The text of its arguments; several where endpoints have put several calls into one. */
  get arguments(): readonly string[] {
    const text = this.#pieces.join("").trim();
    if (text === "") return ["{}"];
    if (isArguments(text)) return [text];
    const last = this.#pieces.at(-1) ?? "";
    // Some send all there is so far with every piece.
    const isGrowing = this.#pieces.every((piece, at) =>
      piece.startsWith(this.#pieces[at - 1] ?? "")
    );
    if (isGrowing && isArguments(last)) return [last];
    return inSequence(text) ?? [text];
  }
}

/** The objects that a text is made of, each once; `{}` only where there is nothing else. */
function inSequence(text: string): readonly string[] | undefined {
  const objects = [...values(text)];
  if (objects.join("") !== text.replaceAll(BETWEEN, "$1$2") || !objects.every(isArguments)) {
    return undefined;
  }
  const distinct = new Map(objects.map((object) => [JSON.stringify(argumentsIn(object)), object]));
  if (distinct.size > 1) distinct.delete("{}");
  return [...distinct.values()];
}

/** Blanks between two objects. */
const BETWEEN = /(\})\s+(\{)/g;

function isArguments(text: string): boolean {
  try {
    argumentsIn(text);
    return true;
  } catch {
    return false;
  }
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return Number.isInteger(number) ? number as number : undefined;
}

function word(value: unknown): string | undefined {
  return (typeof value === "string" && value !== "") || typeof value === "number"
    ? `${value}`
    : undefined;
}

function textOf(args: unknown): string {
  if (typeof args === "string") return args;
  return args === undefined || args === null ? "" : JSON.stringify(args);
}
