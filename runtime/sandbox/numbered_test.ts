import assert from "node:assert/strict";
import { Numbered } from "./numbered.ts";

Deno.test("Numbered finds things by number until they are taken out, and never by an old number", () => {
  const things = new Numbered<{ number: number; name: string }>();
  const a = { number: 0, name: "a" };
  const b = { number: 0, name: "b" };
  things.add(a);
  things.add(b);
  assert.equal(things.get(a.number), a);
  assert.equal(things.get(b.number), b);
  const old = a.number;
  things.delete(a);
  things.delete(a);
  assert.equal(things.get(old), undefined);
  const c = { number: 0, name: "c" };
  const d = { number: 0, name: "d" };
  things.add(c);
  things.add(d);
  assert.equal(things.get(old), undefined, "its place is taken, its number is not");
  assert.deepEqual(things.all().map(({ name }) => name).sort(), ["b", "c", "d"]);
  assert.equal(things.get(12345), undefined);
});
