import assert from "node:assert/strict";
import { MeshError, type MeshErrorCode } from "./errors.ts";
import { type Problem, problemOf, problemResponse } from "./problem.ts";

const own: [code: MeshErrorCode, status: number, detail: string][] = [
  ["bad_input", 400, "why"],
  ["not_found", 404, "why"],
  ["superseded", 409, "why"],
  ["dependency_unavailable", 503, "why"],
  ["overloaded", 503, "why"],
  ["timeout", 504, "why"],
  ["stream_stalled", 504, "why"],
  ["tool_failed", 500, "this request failed; the log of the gateway says why"],
  ["permission_denied", 500, "this request failed; the log of the gateway says why"],
  ["host_crashed", 500, "this request failed; the log of the gateway says why"],
  ["cancelled", 500, "this request failed; the log of the gateway says why"],
];
for (const [code, status, detail] of own) {
  Deno.test(`problemOf() a failure of the gateway: ${code}`, () => {
    const error = status === 500 ? "internal" : code;
    assert.partialDeepStrictEqual(problemOf(new MeshError(code, "why")), { status, detail, error });
  });
}

const ofDependency: [code: MeshErrorCode, status: number, detail: string][] = [
  ["tool_failed", 502, "plan failed"],
  ["bad_input", 502, "plan did not take what it was asked"],
  ["not_found", 502, "plan does not have what it was asked for"],
  ["bad_output", 502, "plan failed"],
  ["protocol", 502, "plan failed"],
  ["permission_denied", 502, "plan failed"],
  ["host_crashed", 502, "plan failed"],
  ["cannot_ask", 502, "plan failed"],
  ["llm_upstream", 502, "plan got no answer of its language model"],
  ["llm_refused", 502, "plan was refused an answer by its language model"],
  ["llm_limit", 502, "plan came to a limit of its language model before it had an answer"],
  ["llm_invalid", 502, "plan got an answer of its language model that does not fit"],
  ["unreachable", 502, "plan cannot be reached"],
  ["interrupted", 502, "plan was lost in the middle of its answer"],
  ["superseded", 409, "plan says that somebody else has taken this over"],
  ["dependency_unavailable", 503, "plan lacks something that it depends on"],
  // Thrown by a tool that had begun.
  ["overloaded", 502, "plan failed"],
  ["timeout", 504, "plan did not answer in time"],
  ["cancelled", 504, "plan did not answer in time"],
  ["stream_stalled", 504, "plan stopped in the middle of its answer"],
];
for (const [code, status, detail] of ofDependency) {
  Deno.test(`problemOf() a failure of a dependency: ${code}`, () => {
    const error = new MeshError(code, "plan: why", { dependency: "plan" });
    assert.partialDeepStrictEqual(problemOf(error), {
      status,
      detail,
      error: code,
      capability: "plan",
    });
  });
}

Deno.test("problemOf() says that nothing of a dependency ran, and that it may be asked again", () => {
  const options = { dependency: "plan", nothingRan: true };
  assert.deepEqual(problemOf(new MeshError("overloaded", "plan: why", options)), {
    status: 503,
    detail: "plan has too much to do",
    error: "overloaded",
    capability: "plan",
    may_have_run: false,
    headers: [["retry-after", "1"]],
  });
  const away = problemOf(new MeshError("unreachable", "plan: why", options));
  assert.deepEqual([away.status, away.may_have_run], [502, false]);
});

Deno.test("problemOf() tells whom a stopping gateway cuts off that it may have run", () => {
  const error = new MeshError("interrupted", 'agent "front" stopped: it may have run');
  assert.deepEqual(problemOf(error), {
    status: 500,
    detail: 'agent "front" stopped: it may have run',
    error: "interrupted",
  });
});

Deno.test("problemOf() says which capability is missing, and gives no advice", () => {
  const message = "GET /plan needs plan and no healthy agent offers it; start one";
  const error = new MeshError("dependency_unavailable", message, {
    details: { capability: "plan", dependency: "planTrip" },
  });
  assert.deepEqual(problemOf(error), {
    status: 503,
    detail: "plan is not available",
    error: "dependency_unavailable",
    capability: "plan",
  });
});

Deno.test("problemOf() keeps the particulars that the runtime gives, and no others", () => {
  const issues = [{ path: "a", message: "no" }];
  const details = { issues, capability: "c", secret: "s" };
  const { headers: _, ...problem } = problemOf(new MeshError("bad_input", "why", { details }));
  assert.deepEqual(problem, {
    status: 400,
    detail: "why",
    error: "bad_input",
    capability: "c",
    issues,
  });
});

Deno.test("problemResponse() is a problem document", async () => {
  const problem: Problem = { status: 405, detail: "no", headers: [["allow", "GET"]] };
  const response = problemResponse(problem);
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("allow"), "GET");
  assert.deepEqual(await response.json(), {
    title: "Method Not Allowed",
    status: 405,
    detail: "no",
  });
});
