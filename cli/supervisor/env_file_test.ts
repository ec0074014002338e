import { deepEqual, throws } from "node:assert/strict";
import { parseEnvFile, parseEnvOptions } from "./env_file.ts";

Deno.test("parseEnvFile() reads assignments, with quotes removed and export accepted", () => {
  const text = [
    "# a comment",
    "",
    "PLAIN=a b=c",
    "export EXPORTED = x # why",
    "HASH=a#b",
    "SINGLE='a \"b\" # c'",
    'DOUBLE="a\\n\\"b\\"" # why',
    "EMPTY=",
    "CR=x\r",
  ].join("\n");
  deepEqual(parseEnvFile(text, ".env"), {
    PLAIN: "a b=c",
    EXPORTED: "x",
    HASH: "a#b",
    SINGLE: 'a "b" # c',
    DOUBLE: 'a\n"b"',
    EMPTY: "",
    CR: "x",
  });
});

Deno.test("parseEnvFile() names file and line of one it cannot read", () => {
  for (const line of ["NOPE", "1A=x", "A B=c", 'A="open', "A='x' y"]) {
    throws(() => parseEnvFile(`OK=1\n${line}\n`, "my.env"), {
      code: 2,
      message: `my.env:2: "${line}" is no KEY=VALUE line`,
    });
  }
});

Deno.test("parseEnvOptions() splits at the first equals sign", () => {
  deepEqual(parseEnvOptions(["A=b=c", "B="]), { A: "b=c", B: "" });
  throws(() => parseEnvOptions(["A"]), { code: 2, message: /--env is "A"/ });
});
