import { deepEqual, equal } from "node:assert/strict";
import { Recent } from "./recent.ts";

Deno.test("Recent keeps what was used last", () => {
  const made: string[] = [];
  const recent = new Recent<string>(2);
  const get = (key: string) =>
    recent.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  for (const key of ["a", "b", "a", "c", "a", "b"]) equal(get(key), key.toUpperCase());
  deepEqual(made, ["a", "b", "c", "b"]);
  deepEqual([...recent.values()], ["A", "B"]);
});

Deno.test("Recent never forgets what is needed", () => {
  const recent = new Recent<string>(1, (value) => value === "needed");
  recent.get("first", () => "needed");
  for (const key of ["x", "y"]) recent.get(key, () => key);
  equal(recent.get("first", () => "made again"), "needed");
});
