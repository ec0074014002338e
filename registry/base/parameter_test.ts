import { deepEqual } from "node:assert/strict";
import {
  Fault,
  limit,
  type QueryParameters,
  readParameters,
  requiredText,
  text,
  textAs,
  texts,
} from "./parameter.ts";

const DECLARED = {
  text: text("A text"),
  texts: texts("Texts"),
  number: textAs("Digits", (given) => /^\d+$/.test(given) ? Number(given) : new Fault("no digits")),
  limit: limit({ fallback: 50, max: 500 }),
  all: limit({ fallback: Infinity, max: 1_000 }),
} satisfies QueryParameters;

Deno.test("readParameters() reads what is given, the first of several, and no empty text", () => {
  const nothing = { text: undefined, texts: [], number: undefined, limit: 50, all: Infinity };
  const rows: [query: string, differing: Record<string, unknown>][] = [
    ["", {}],
    ["text=&texts=&number=&other=1", {}],
    ["text=a&text=b", { text: "a" }],
    ["texts=a&texts=&texts=b", { texts: ["a", "b"] }],
    ["number=007", { number: 7 }],
    ["limit=0&all=-3", { limit: 1, all: 1 }],
    ["limit=%2B7&all=7", { limit: 7, all: 7 }],
    ["limit=501&all=99999999999999999999", { limit: 500, all: 1_000 }],
  ];
  for (const [query, differing] of rows) {
    const read = readParameters(DECLARED, new URLSearchParams(query));
    deepEqual(read, { values: { ...nothing, ...differing } }, query);
  }
});

Deno.test("readParameters() says which parameter is the first that cannot be read", () => {
  const declared = { ...DECLARED, must: requiredText("A name", "must is required: a name") };
  const rows: [query: string, parameter: string, fault: Fault][] = [
    ["limit=x&number=y", "number", new Fault("no digits")],
    ["limit=1.5", "limit", new Fault('"1.5" is not a whole number')],
    ["limit=", "limit", new Fault('"" is not a whole number')],
    ["", "must", new Fault("must is required: a name", true)],
    ["must=", "must", new Fault("must is required: a name", true)],
  ];
  for (const [query, parameter, fault] of rows) {
    deepEqual(
      readParameters(declared, new URLSearchParams(query)),
      { parameter, fault },
      query,
    );
  }
});
