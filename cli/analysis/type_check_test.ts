import { deepEqual, equal } from "node:assert/strict";
import { parseTypeProblems, typeProblemText } from "./type_check.ts";

const TWO = `TS2322 [ERROR]: Type 'number' is not assignable to type 'string'.
const x: string = 1;
      ^
    at file:///agents/a%20b.ts:4:7

TS2345 [ERROR]: Argument of type '{ a: string; }' is not assignable to parameter of type 'B'.
  Type '{ a: string; }' is missing the following properties from type 'B': c
f(x);
  ~
    at file:///agents/c.ts:77:57

Found 2 errors.

error: Type checking failed.
`;

Deno.test("parseTypeProblems() finds every place and the compiler's words", () => {
  deepEqual(parseTypeProblems(TWO), [
    {
      file: "/agents/a b.ts",
      line: 4,
      column: 7,
      message: "TS2322: Type 'number' is not assignable to type 'string'.",
    },
    {
      file: "/agents/c.ts",
      line: 77,
      column: 57,
      message:
        "TS2345: Argument of type '{ a: string; }' is not assignable to parameter of type 'B'.",
    },
  ]);
});

Deno.test("parseTypeProblems() tells of what kept the compiler from beginning", () => {
  const text = 'error: Module not found "file:///x.ts".\n    at file:///agents/a.ts:2:8\n';
  const [problem, ...others] = parseTypeProblems(text);
  equal(others.length, 0);
  equal(problem && typeProblemText(problem), '/agents/a.ts:2:8: Module not found "file:///x.ts".');
  deepEqual(parseTypeProblems("error: no memory\n"), [{ message: "no memory" }]);
});
