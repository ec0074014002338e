import assert from "node:assert/strict";
import type { ContentPart } from "../../define/contract.ts";
import { wirePart } from "./wire_part.ts";
import { STANDARD, type Traits } from "./vendors.ts";

const base64 = (text: string) => new TextEncoder().encode(text).toBase64();
const data = (type: string, text: string) => `data:${type};base64,${base64(text)}`;

const rows: [
  name: string,
  part: ContentPart,
  expected: string | object,
  traits?: Partial<Traits>,
][] = [
  ["text", { type: "text", text: "x" }, "x"],
  ["text that is none", { type: "text" }, ""],
  ["OpenAI's image", { type: "image_url", image_url: { url: "https://h/i.png", detail: "low" } }, {
    type: "image_url",
    image_url: { url: "https://h/i.png" },
  }],
  ["an image's URL alone", { type: "image_url", image_url: "https://h/i.png" }, {
    type: "image_url",
    image_url: { url: "https://h/i.png" },
  }],
  ["Anthropic's image", {
    type: "image",
    source: { type: "base64", media_type: "image/png", data: "AA" },
  }, { type: "image_url", image_url: { url: "data:image/png;base64,AA" } }],
  ["Anthropic's image by URL", { type: "image", source: { type: "url", url: "https://h/i" } }, {
    type: "image_url",
    image_url: { url: "https://h/i" },
  }],
  ["MCP's image", { type: "image", data: "AA", mimeType: "image/gif" }, {
    type: "image_url",
    image_url: { url: "data:image/gif;base64,AA" },
  }],
  ["an image in a resource", {
    type: "resource",
    resource: { uri: "mem://i", mimeType: "image/png", blob: "AA" },
  }, { type: "image_url", image_url: { url: "data:image/png;base64,AA" } }],
  [
    "an image no vendor can fetch",
    { type: "image_url", image_url: { url: "file:///i.png" } },
    "[image/* at file:///i.png: not shown to this model]",
  ],
  [
    "an image for those who see nothing",
    { type: "image", data: "AA", mimeType: "image/png" },
    "[image/png: not shown to this model]",
    { vision: false },
  ],
  ["a text that is sent as an image", {
    type: "image_url",
    image_url: { url: data("text/csv", "a,b") },
  }, "a,b"],
  ["a file of text", {
    type: "file",
    file: { filename: "n.json", file_data: data("application/json", "{}") },
  }, "n.json:\n{}"],
  ["a text that is percent-encoded", {
    type: "file",
    file: { file_data: "data:text/plain,a%20b" },
  }, "a b"],
  [
    "a resource of text",
    { type: "resource", resource: { uri: "mem://t", text: "x" } },
    "mem://t:\nx",
  ],
  [
    "a PDF",
    { type: "file", file: { filename: "a.pdf", file_data: data("application/pdf", "%") } },
    '[application/pdf "a.pdf": not shown to this model]',
  ],
  [
    "a PDF for those who read them",
    { type: "file", file: { filename: "a.pdf", file_data: data("application/pdf", "%") } },
    {
      type: "file",
      file: { filename: "a.pdf", file_data: data("application/pdf", "%") },
    },
    { files: true },
  ],
  [
    "a link",
    { type: "resource_link", uri: "s3://b/k", name: "k", mimeType: "video/mp4" },
    '[video/mp4 "k" at s3://b/k: not shown to this model]',
  ],
  ["a link to an image", {
    type: "resource_link",
    uri: "https://h/i.png",
    name: "i",
    mimeType: "image/png",
  }, { type: "image_url", image_url: { url: "https://h/i.png" } }],
  [
    "sound",
    { type: "input_audio", input_audio: { data: "AA", format: "wav" } },
    "[audio/wav: not shown to this model]",
  ],
  [
    "MCP's sound",
    { type: "audio", data: "AA", mimeType: "audio/wav" },
    "[audio/wav: not shown to this model]",
  ],
  [
    "bytes that are no base64",
    { type: "file", file: { file_data: "data:text/plain;base64,%" } },
    "[text/plain: not shown to this model]",
  ],
  ["what nobody knows", { type: "hologram" }, "[hologram: not shown to this model]"],
  ["an image without anything", { type: "image" }, "[image: not shown to this model]"],
];

for (const [name, part, expected, traits] of rows) {
  Deno.test(`wirePart() of ${name}`, () => {
    const found = wirePart(part, { ...STANDARD, ...traits });
    assert.deepEqual(
      found,
      typeof expected === "string" ? { type: "text", text: expected } : expected,
    );
  });
}

Deno.test("wirePart() shortens long files", () => {
  const long = { type: "file", file: { file_data: data("text/plain", "x".repeat(60_000)) } };
  assert.equal(String(wirePart(long, STANDARD)["text"]).length, 50_000);
});
