import assert from "node:assert/strict";
import { type TargetDefinition, targetOf } from "./target.ts";

const good: [definition: Omit<TargetDefinition, "name">, text: string][] = [
  [{ url: "https://user:pass@host.test/mcp?key=secret#x" }, "https://host.test/mcp"],
  [{ url: new URL("http://[::1]:9000") }, "http://[::1]:9000/"],
  [{ command: "npx", args: ["-y", "@a/b@1.2.3"] }, 'the command "npx -y @a/b@1.2.3"'],
  [{ url: "https://a.test/key", label: "https://a.test/${KEY}" }, "https://a.test/${KEY}"],
  [{ command: "a", args: ["key"], label: "a ${KEY}" }, 'the command "a ${KEY}"'],
  [{ command: "/a b", args: ["", "c d"] }, "the command \"'/a b' '' 'c d'\""],
];
for (const [definition, text] of good) {
  Deno.test(`targetOf(${JSON.stringify(definition)}) is called ${text}`, () => {
    assert.equal(targetOf({ name: "x", ...definition }).text, text);
  });
}

const credentials = { clientId: "a", clientSecret: "b", issuer: "https://c.test" };
const bad: [definition: Omit<TargetDefinition, "name">, message: RegExp][] = [
  [{}, /has no url and no command; give it one of the two$/],
  [{ url: "https://a.test", command: "b" }, /has a url and a command; give it one of the two$/],
  [{ url: "a.test/mcp" }, /has url "a.test\/mcp"; use one like https:/],
  [{ url: "ftp://a.test" }, /has url "ftp:\/\/a.test"/],
  [{ command: " " }, /empty command/],
  [{ url: "https://a.test", args: ["b"] }, /has a url, to which args means nothing/],
  [{ url: "https://a.test", env: {} }, /has a url, to which env means nothing/],
  [{ command: "b", headers: {} }, /has a command, to which headers means nothing/],
  [{ url: "https://a.test", headers: { "a b": "x" } }, /has a header "a b" that cannot be sent$/],
  [{ command: "b", credentials }, /has a command, to which credentials means nothing/],
  [
    { url: "https://a.test", headers: { authorization: "x" }, credentials },
    /has credentials and a header "authorization"; leave one of them out$/,
  ],
];
for (const [definition, message] of bad) {
  Deno.test(`targetOf(${JSON.stringify(definition)}) is a bad definition`, () => {
    assert.throws(() => targetOf({ name: "x", ...definition }), {
      code: "bad_definition",
      message,
    });
  });
}

Deno.test("targetOf() does not show the value of a header that cannot be sent", () => {
  assert.throws(
    () =>
      targetOf({ name: "x", url: "https://a.test", headers: { authorization: "secret\n" + "é" } }),
    (error: Error) =>
      /header "authorization" that cannot be sent/.test(error.message) &&
      !error.message.includes("secret"),
  );
});
