import { equal, throws } from "node:assert/strict";
import { agentInfo, toolInfo } from "./mesh_fixture.ts";
import { findTool } from "./tool_reference.ts";

const agents = [
  agentInfo({
    name: "a",
    id: "a-00000001",
    capabilities: [
      toolInfo({ function_name: "search", name: "trip.search" }),
      toolInfo({ function_name: "second", name: "trip.search" }),
      toolInfo({ function_name: "weather", name: "forecast" }),
      toolInfo({ function_name: "__mesh_job_status", name: "__mesh_job_status" }),
    ],
  }),
  agentInfo({
    name: "b",
    id: "b-00000002",
    capabilities: [
      toolInfo({ function_name: "lookup", name: "weather" }),
      toolInfo({ function_name: "book", name: "booking" }),
      toolInfo({ function_name: "__mesh_job_status", name: "__mesh_job_status" }),
    ],
  }),
  agentInfo({
    name: "c",
    id: "c-00000003",
    capabilities: [toolInfo({ function_name: "book", name: "booking" })],
  }),
];

Deno.test("findTool() prefers a function name, then takes a capability's first tool", () => {
  const rows: [string, string][] = [
    ["search", "a-00000001:search"],
    ["weather", "a-00000001:weather"],
    ["trip.search", "a-00000001:search"],
    ["b:weather", "b-00000002:lookup"],
    ["c:book", "c-00000003:book"],
    ["b-0000:booking", "b-00000002:book"],
    ["__mesh_job_status", "a-00000001:__mesh_job_status"],
  ];
  for (const [reference, found] of rows) {
    const { agent, tool } = findTool(reference, agents);
    equal(`${agent.id}:${tool.function_name}`, found, reference);
  }
});

Deno.test("findTool() refuses a name that several agents offer, listing how to name each", () => {
  throws(() => findTool("book", agents), {
    code: 2,
    message: /several agents offer "book":\n {2}b-00000002:book\n {2}c-00000003:book/,
    hint: "Name one of them, such as b-00000002:book.",
  });
});

Deno.test("findTool() tells the nearest tools for one that does not exist", () => {
  throws(() => findTool("serach", agents), { code: 3, hint: "Did you mean search?" });
  throws(() => findTool("c:weather", agents), {
    code: 3,
    message: 'tool "c:weather" not found: c does not offer "weather"',
  });
  throws(() => findTool("nothing:x", agents), { code: 3, message: /no healthy agent matches/ });
  throws(() => findTool("x", []), { code: 3, hint: /No tool is registered/ });
});
