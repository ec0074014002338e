/**
 * Requests and responses as plain data, so that they can cross to another thread.
 *
 * @module
 */

/** A request to a route. */
export type RequestParts = {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers | HeaderList;
  /** The parameters of its path. */
  readonly params: Readonly<Record<string, string>>;
  /** Absent when there is none. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
};

/** The value of a header of a request. */
export function headerOf({ headers }: RequestParts, name: string): string | undefined {
  return headers instanceof Headers
    ? headers.get(name) ?? undefined
    : headers.find(([each]) => each === name)?.[1];
}

/** Headers in order, names in lower case; a name may come more than once. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What a response begins with. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: HeaderList;
}

/** A whole response. */
export interface ResponseParts {
  readonly head: ResponseHead;
  readonly body: string | Uint8Array<ArrayBuffer> | undefined;
}

/** The response of some parts. */
export function responseOf({ status, headers }: ResponseHead, body: BodyInit | null): Response {
  // Nothing here is changed by it: the type asks for pairs that could be.
  return new Response(body, { status, headers: headers as [string, string][] });
}
