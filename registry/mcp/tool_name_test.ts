import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { allowedName, nameParts, toolNames, type ToolOwner } from "./tool_name.ts";

const owner = (text: string): ToolOwner => {
  const [namespace = "", agent = "", functionName = ""] = text.split("/");
  return { namespace, agent, functionName };
};

const rows: [what: string, owners: string[], names: string[]][] = [
  ["nobody shares", ["d/a/one", "d/b/two"], ["one", "two"]],
  ["two share", ["d/a/x", "d/b/x", "d/a/y"], ["a__x", "b__x", "y"]],
  ["two of one name in two namespaces share", ["n/a/x", "m/a/x"], ["n__a__x", "m__a__x"]],
  [
    "two of one name and a third share",
    ["n/a/x", "m/a/x", "m/b/x"],
    ["n__a__x", "m__a__x", "b__x"],
  ],
  ["a name looks like a qualified one", ["d/a/b", "d/c/b", "d/e/a__b"], [
    "a__b",
    "c__b",
    "e__a__b",
  ]],
  ["no tools", [], []],
];
for (const [what, owners, names] of rows) {
  Deno.test(`toolNames() when ${what}`, () => {
    deepEqual(toolNames(owners.map(owner)), names);
    const backwards = toolNames(owners.toReversed().map(owner)).reverse();
    deepEqual(backwards, names, "the order of the owners does not matter");
  });
}

Deno.test("toolNames() are all different for all that can look alike", () => {
  const parts = ["a", "b", "a__b", "_", "__", "_a"];
  const owners = ["a", "b"].flatMap((namespace) =>
    ["a", "b"].flatMap((agent) => parts.map((functionName) => ({ namespace, agent, functionName })))
  );
  const names = toolNames(owners);
  equal(new Set(names).size, owners.length, names.join());
});

Deno.test("allowedName() keeps what MCP allows and tells the rest apart", () => {
  for (const name of ["get_weather", "a.b-c", "X9"]) equal(allowedName(name), name);
  for (const name of ["a b", "a/b", "größe", "$x"]) match(allowedName(name), /^[\w.-]+$/);
  notEqual(allowedName("a b"), allowedName("a/b"));
});

Deno.test("nameParts() cuts at the first separator", () => {
  deepEqual(nameParts("flight-agent__search"), { agent: "flight-agent", tool: "search" });
  deepEqual(nameParts("a___x"), { agent: "a", tool: "_x" });
  for (const name of ["search", "__search", "a_b"]) equal(nameParts(name), undefined);
});
