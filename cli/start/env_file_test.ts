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
    'DOUBLE="a\\nb" # why',
    "EMPTY=",
    "CR=x\r",
  ].join("\n");
  deepEqual(parseEnvFile(text, ".env"), {
    PLAIN: "a b=c",
    EXPORTED: "x",
    HASH: "a#b",
    SINGLE: 'a "b" # c',
    DOUBLE: "a\nb",
    EMPTY: "",
    CR: "x",
  });
});

/** What Deno, Node and dotenv make of a file, where two of them agree. */
const files: [what: string, text: string, variables: Record<string, string>][] = [
  ["blanks", "  A\t=  b c \t\n\n \t\nexport   B = x", { A: "b c", B: "x" }],
  ["names of all kinds", "A.B=1\nA-B=2\n1A=3\na_b=4\nexport=5\nexportA=6", {
    "A.B": "1",
    "A-B": "2",
    "1A": "3",
    a_b: "4",
    export: "5",
    exportA: "6",
  }],
  ["no value", "A=\nB=''\nC=\"\"\nD=``\nE=   \n", { A: "", B: "", C: "", D: "", E: "" }],
  ["comments", "# a\n  # b\nA=b #c\nB=#c\nC= # c\nD=b #\n#", { A: "b", B: "", C: "", D: "b" }],
  ["a hash in a value", 'A=a#b\nB=\'a # b\'# c\nC="#" # "d"\nD=`a # b`', {
    A: "a#b",
    B: "a # b",
    C: "#",
    D: "a # b",
  }],
  ["the same name twice", "A=1\nA=2", { A: "2" }],
  ["equals signs", "A==b\nB=b==\nC=a=b", { A: "=b", B: "b==", C: "a=b" }],
  ["quotes of other kinds", "A='a \"b\" `c`'\nB=\"a 'b' `c`\"\nC=`a \"b\" 'c'`\nD=it's", {
    A: 'a "b" `c`',
    B: "a 'b' `c`",
    C: "a \"b\" 'c'",
    D: "it's",
  }],
  ["quotes of the same kind", `A="1: foo'bar"baz"\nB='it's' # c\nC="{"a": "b"}"\nD="a" "b"`, {
    A: "1: foo'bar\"baz",
    B: "it's",
    C: '{"a": "b"}',
    D: 'a" "b',
  }],
  ["what follows a quoted value", "A='x' y\nB=\"a\"b # c\nC='a' \"b\"", { A: "x", B: "a", C: "a" }],
  ["backslashes", String.raw`A="a\nb"` + "\n" + String.raw`B='a\nb'` + "\n" + String.raw`C=a\nb`, {
    A: "a\nb",
    B: "a\\nb",
    C: "a\\nb",
  }],
  ["other backslashes", String.raw`A="a\tb \\ \"c\""` + "\n" + String.raw`B="C:\x\\"`, {
    A: String.raw`a\tb \\ \"c\"`,
    B: String.raw`C:\x\\`,
  }],
  ["variables in values", 'B=x\nA="$B ${B}"', { A: "$B ${B}", B: "x" }],
  ["a quote that is not closed", "A=\"open\nB=1\nC='", { A: '"open', B: "1", C: "'" }],
  ["a value of several lines", 'A="a # x\n\nC=d\n# e\nb" # it\'s "c"\nB=`2\n3`', {
    A: "a # x\n\nC=d\n# e\nb",
    B: "2\n3",
  }],
  ["a value of several lines with quotes", 'A="a\n\\"q\\"\nb"\nB=\'a\nb\'c\'\nC=1', {
    A: 'a\n\\"q\\"\nb',
    B: "a\nb'c",
    C: "1",
  }],
  ["a key", "export KEY='-----BEGIN-----\nab/c+d==\n-----END-----\n'\nB=1", {
    KEY: "-----BEGIN-----\nab/c+d==\n-----END-----\n",
    B: "1",
  }],
  ["the line ends of Windows", "A=1\r\nB=\"2\r\n3\"\r\n\r\nC='4'\r\n", {
    A: "1",
    B: "2\n3",
    C: "4",
  }],
  ["the oldest line ends", "A=1\rB=2\r", { A: "1", B: "2" }],
  ["a byte order mark", "\uFEFFA=1\nB=\uFEFF2", { A: "1", B: "2" }],
  ["nothing", "", {}],
  ["nothing but comments", "\uFEFF# a\n\n  # b", {}],
];
for (const [what, text, variables] of files) {
  Deno.test(`parseEnvFile() reads ${what}`, () => {
    deepEqual(parseEnvFile(text, ".env"), variables);
  });
}

Deno.test("parseEnvFile() names file and line of one it cannot read, and does not show it", () => {
  for (const line of ["NOPE", "A B=x", "=x", "A: x", "export A", "A#B=x"]) {
    throws(() => parseEnvFile(`OK="1\n2"\n\n${line}\n`, "my.env"), {
      code: 2,
      message: "my.env:4: this line is no KEY=VALUE line",
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
