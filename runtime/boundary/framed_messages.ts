/**
 * The messages between a host and the process of an agent's code, as frames. A head names the message;
 * the body is what came as JSON or as bytes, and is read where it is used.
 *
 * @module
 */
import { boundedJson } from "../base/bounded_json.ts";
import { asObject } from "../base/json.ts";
import type { RequestParts, ResponseHead } from "../base/parts.ts";
import type { FromAgent, Lent, ToAgent } from "./agent_messages.ts";
import type { Frame, FrameBody } from "./frames.ts";
import type { Outcome } from "./result.ts";

/**
 * Writes a message to the agent's code.
 *
 * @throws {TypeError} When a part of it has no JSON form.
 */
export function toAgentFrame(message: ToAgent): Frame {
  switch (message.type) {
    case "invoke":
      return invocation(message);
    case "prepare": {
      const { prompts, settings, ...head } = message;
      return frame(head, { prompts: [...prompts], settings });
    }
    case "port_chunk": {
      const { chunk, ...head } = message;
      return frame(head, chunk);
    }
    case "port_result": {
      const { value, ...head } = message;
      return frame(head, value);
    }
    default:
      return { head: JSON.stringify(message) };
  }
}

function invocation({ lent, ...message }: ToAgent & { type: "invoke" }): Frame {
  const { type, call, key, args, exactArgs, parts } = message;
  const head = { type, call, key, ...(lent && { lent: plainLent(lent) }) };
  if (parts !== undefined) {
    const { body, ...rest } = parts;
    return {
      head: JSON.stringify({ ...head, parts: { ...rest, headers: [...parts.headers] } }),
      ...(body && { body }),
    };
  }
  if (exactArgs === undefined) return frame(head, args);
  return { head: JSON.stringify({ ...head, exactArgs: "" }), body: exactArgs };
}

function plainLent({ dependencies, ...lent }: Partial<Lent>): Record<string, unknown> {
  return dependencies === undefined ? lent : { ...lent, dependencies: [...dependencies] };
}

/** Reads a message to the agent's code; the trusted side has written it. */
export function toAgentMessage(given: unknown, body: FrameBody): ToAgent {
  const head = given as ToAgent;
  switch (head.type) {
    case "invoke":
      return { ...head, lent: readLent(head.lent), ...argumentsOf(head, body) };
    case "prepare": {
      const { prompts, settings } = JSON.parse(body.text());
      return { ...head, prompts: new Map(prompts), settings };
    }
    case "port_chunk":
      return { ...head, chunk: valueOf(body) };
    case "port_result":
      return { ...head, value: valueOf(body) };
    default:
      return head;
  }
}

function readLent(lent: Partial<Lent> | undefined): Partial<Lent> | undefined {
  const dependencies = lent?.dependencies;
  return dependencies === undefined ? lent : { ...lent, dependencies: new Map(dependencies) };
}

function argumentsOf(
  { parts, exactArgs }: ToAgent & { type: "invoke" },
  body: FrameBody,
): { args: unknown; exactArgs?: string; parts?: RequestParts } {
  if (parts !== undefined) {
    const bytes = body.length === 0 ? undefined : body.bytes();
    return { args: undefined, parts: { ...parts, body: bytes } };
  }
  if (exactArgs === undefined) return { args: valueOf(body) };
  return { args: undefined, exactArgs: body.text() };
}

/**
 * Writes a message of the agent's code.
 *
 * @throws {TypeError} When a part of it has no JSON form.
 */
export function fromAgentFrame(message: FromAgent): Frame {
  switch (message.type) {
    case "outcome":
      return outcomeFrame(message.call, message.outcome);
    case "emit": {
      const { type, call, chunk } = message;
      return chunk instanceof Uint8Array
        ? { head: JSON.stringify({ type, call, kind: "bytes" }), body: chunk }
        : frame({ type, call }, chunk);
    }
    case "pong":
    case "check_health":
    case "done":
    case "port_taken":
      return { head: JSON.stringify(message) };
    default: {
      const { type, ...rest } = message;
      return frame({ type }, rest);
    }
  }
}

function outcomeFrame(call: number, outcome: Outcome): Frame {
  const { kind } = outcome;
  const head = { type: "outcome", call, kind };
  switch (kind) {
    case "value":
      return { head: JSON.stringify(head), body: outcome.json };
    case "result":
      return outcome.json === undefined
        ? frame(head, outcome.result)
        : { head: JSON.stringify({ ...head, exact: true }), body: outcome.json };
    case "questions": {
      const { requests, state } = outcome;
      return frame(head, { requests, state });
    }
    case "response": {
      const { response } = outcome;
      return {
        head: JSON.stringify({ ...head, response: response && [response.head] }),
        ...(response?.body === undefined ? {} : { body: response.body }),
      };
    }
  }
}

/**
 * Reads a frame of the agent's code, which may be anything: the message is to be checked.
 *
 * @throws {SyntaxError} When its body is not JSON where it is to be.
 * @throws {RangeError} When the JSON is nested too deep.
 */
export function fromAgentMessage(given: unknown, body: FrameBody): unknown {
  const head = asObject(given);
  const { type, call } = head;
  switch (type) {
    case "outcome":
      return { type, call, outcome: readOutcome(head, body) };
    case "emit":
      return {
        type,
        call,
        chunk: head["kind"] === "bytes" ? body.bytes() : boundedJson(body.text()),
      };
    default:
      return body.length === 0 ? head : { ...asObject(boundedJson(body.text())), type };
  }
}

function readOutcome(
  { kind, exact, response }: Record<string, unknown>,
  body: FrameBody,
): Record<string, unknown> {
  switch (kind) {
    case "value":
      return { kind, json: body.text() };
    case "result": {
      const text = body.text();
      return { kind, result: boundedJson(text), ...(exact === true ? { json: text } : {}) };
    }
    case "questions":
      return { ...asObject(boundedJson(body.text())), kind };
    case "response": {
      const head: ResponseHead | undefined = Array.isArray(response) ? response[0] : undefined;
      const bytes = body.length === 0 ? undefined : body.bytes();
      return { kind, response: head && { head, body: bytes } };
    }
    default:
      return { kind };
  }
}

function frame(head: Record<string, unknown>, body: unknown): Frame {
  return { head: JSON.stringify(head), body: JSON.stringify(body) };
}

function valueOf(body: FrameBody): unknown {
  // What JSON has no form for has no text.
  return body.length === 0 ? undefined : JSON.parse(body.text());
}
