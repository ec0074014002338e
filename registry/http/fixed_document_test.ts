import { deepEqual, equal, match } from "node:assert/strict";
import { fixedDocument } from "./fixed_document.ts";

function served(text: string): { get(tag?: string): Promise<Response>; made(): number } {
  let made = 0;
  const make = () => {
    made++;
    return text;
  };
  const answer = fixedDocument(make, { "content-type": "text/plain" });
  return {
    get: (tag) => answer(new Headers(tag === undefined ? {} : { "if-none-match": tag })),
    made: () => made,
  };
}

Deno.test("fixedDocument() makes a document once, and sends its tag along", async () => {
  const { get, made } = served("mesh ☕");
  const [first, second] = await Promise.all([get(), get()]);
  deepEqual([await first.text(), await second.text()], ["mesh ☕", "mesh ☕"]);
  equal(made(), 1);
  match(first.headers.get("etag") ?? "", /^"[^"]+"$/);
  equal(first.headers.get("etag"), second.headers.get("etag"));
  equal(first.headers.get("cache-control"), "no-cache");
  equal(first.headers.get("content-type"), "text/plain");
});

Deno.test("fixedDocument() has another tag for another text", async () => {
  const [one, other] = await Promise.all([served("a").get(), served("b").get()]);
  equal(one.headers.get("etag") === other.headers.get("etag"), false);
});

const conditions: [name: string, header: (tag: string) => string, status: number][] = [
  ["its tag", (tag) => tag, 304],
  ["its tag, made weak by a proxy", (tag) => `W/${tag}`, 304],
  ["its tag among others", (tag) => `"older" , ${tag}`, 304],
  ["any tag", () => "*", 304],
  ["another tag", () => '"older"', 200],
  ["no tag at all", () => "", 200],
];
for (const [name, header, status] of conditions) {
  Deno.test(`fixedDocument() answers ${status} to a client that has ${name}`, async () => {
    const { get } = served("mesh");
    const tag = (await get()).headers.get("etag") ?? "";
    const response = await get(header(tag));
    equal(response.status, status);
    equal(await response.text(), status === 304 ? "" : "mesh");
    equal(response.headers.get("etag"), tag);
  });
}
