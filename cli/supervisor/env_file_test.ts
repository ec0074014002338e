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

Deno.test("parseEnvFile() refuses variables that decide what Deno loads, and lets the others through", () => {
  const refused = [
    ...["DENO_DIR", "DENO_CERT", "DENO_V8_FLAGS", "DENO_ANYTHING_NEW", "NODE_OPTIONS"],
    ...["LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "HOME", "XDG_CACHE_HOME"],
    ...["NPM_CONFIG_REGISTRY", "npm_config_registry", "JSR_URL"],
  ];
  for (const name of refused) {
    throws(() => parseEnvFile(`\nexport ${name}=./x\n`, "my.env"), {
      code: 2,
      message: `my.env:2: ${name} decides what Deno itself loads, and no file may`,
    });
  }
  const taken = [
    "DENO_KV_ACCESS_TOKEN",
    "DENO_ENV",
    "NODE_ENV",
    "MCP_MESH_HOME",
    "OLD_HOME",
    "PATH",
  ];
  const text = taken.map((name) => `${name}=x`).join("\n");
  deepEqual(Object.keys(parseEnvFile(text, ".env")), taken);
});

Deno.test("parseEnvOptions() splits at the first equals sign", () => {
  deepEqual(parseEnvOptions(["A=b=c", "B="]), { A: "b=c", B: "" });
  throws(() => parseEnvOptions(["A"]), { code: 2, message: /--env is "A"/ });
});
