import assert from "node:assert/strict";
import { ParsedVersions } from "./parsed_versions.ts";

type Row = [id: string, version: string, constraint: string, meets: boolean];

const rows: Row[] = [
  ["V1 empty constraint", "5.0.0", "", true],
  ["V2 caret", "4.7.0", "^4.6.0", true],
  ["V2 caret, next major", "5.0.0", "^4.6.0", false],
  ["V3 at least", "5.0.0", ">=4.6.0", true],
  ["V4 bare", "4.6.0", "4.6.0", true],
  ["V4 bare, other patch", "4.6.1", "4.6.0", false],
  ["V4 =", "4.6.0", "=4.6.0", true],
  ["V4 v", "4.6.0", "v4.6.0", true],
  ["V5 tilde", "4.6.9", "~4.6.0", true],
  ["V5 tilde, next minor", "4.7.0", "~4.6.0", false],
  ["V6 comma", "4.7.0", ">=4.6, <5", true],
  ["V6 comma, above", "5.0.0", ">=4.6, <5", false],
  ["V6 space", "4.7.0", ">4.6.0 <5.0.0", true],
  ["V6 space, at the bound", "4.6.0", ">4.6.0 <5.0.0", false],
  ["V7 or, first", "4.6.0", "<4.7 || >=5", true],
  ["V7 or, neither", "4.7.0", "<4.7 || >=5", false],
  ["V7 or, second", "5.0.0", "<4.7 || >=5", true],
  ["V8 bare major", "4.7.0", "4", true],
  ["V8 bare major, other", "5.0.0", "4", false],
  ["V8 x", "4.7.0", "4.x", true],
  ["V8 caret major", "4.7.0", "^4", true],
  ["V9 star", "0.0.0", "*", true],
  ["V10 unequal", "4.7.0", "!=5.0.0", true],
  ["V10 equal", "5.0.0", "!=5.0.0", false],
  ["V11 hyphen", "4.7.0", "4.6.0 - 4.9.0", true],
  ["V11 hyphen, upper bound", "4.9.0", "4.6.0 - 4.9.0", true],
  ["V11 hyphen, above", "4.9.1", "4.6.0 - 4.9.0", false],
  ["V12 a word", "5.0.0", "latest", false],
  ["V13 pre-release not asked for", "1.1.0-beta.1", "^1.0.0", false],
  ["V14 pre-release asked for", "1.1.0-beta.1", ">=1.0.0-0", true],
  ["V16 version with v", "v1.2.0", "^1.0.0", true],
  ["V16 version of two parts", "1.2", "^1.0.0", true],
  ["V17 word version", "nightly", "^1.0.0", false],
  ["V18 equal words", "nightly", "nightly", true],
  ["V26 caret, next major absent", "2.1.0", "^2.0.0", true],
  ["V26 tilde", "1.8.0", "~1.8.0", true],
  ["E1 version of one part", "3", ">=3.0.0", true],
  ["E2 empty version", "", "*", false],
  ["E3 empty version, nothing asked", "", "", true],
  ["E4 word version, star", "nightly", "*", false],
  ["E5 leading zeros", "01.02.03", "1.2.3", true],
  ["E6 leading zeros in constraint", "1.2.3", "01.2.3", true],
  ["E7 capital X", "1.9.0", "1.X.X", true],
  ["E8 star in patch", "1.2.9", "1.2.*", true],
  ["E9 star in patch, other minor", "1.3.0", "1.2.*", false],
  ["E10 numbers after a wildcard", "1.7.0", "1.x.3", true],
  ["E11 or without spaces", "2.0.0", "1||2", true],
  ["E12 or with many spaces", "2.0.0", "  1.x   ||   2.x  ", true],
  ["E13 empty alternative is no constraint", "2.0.0", "2 ||", false],
  ["E14 operator and space", "2.5.0", ">= 2, < 3", true],
  ["E15 split operator is no constraint", "2.5.0", "> = 2", false],
  ["E16 no separator is no constraint", "1.5.0", ">=1<2", false],
  ["E17 =>", "1.5.0", "=>1.5", true],
  ["E18 =<", "1.5.9", "=<1.5", true],
  ["E19 <= major", "1.9.9", "<=1", true],
  ["E20 <= major, next", "2.0.0", "<=1", false],
  ["E21 > major", "1.9.9", ">1", false],
  ["E22 > major, next", "2.0.0", ">1", true],
  ["E23 > minor", "1.2.9", ">1.2", false],
  ["E24 > minor, next", "1.3.0", ">1.2", true],
  ["E25 ~>", "1.2.9", "~>1.2.3", true],
  ["E26 ~ major", "1.9.0", "~1", true],
  ["E27 ~ minor", "1.3.0", "~1.2", false],
  ["E28 ~0.0.0 is open", "7.0.0", "~0.0.0", true],
  ["E29 ^0.2.3", "0.2.9", "^0.2.3", true],
  ["E30 ^0.2.3, next minor", "0.3.0", "^0.2.3", false],
  ["E31 ^0.0.3", "0.0.4", "^0.0.3", false],
  ["E32 ^0.0", "0.0.9", "^0.0", true],
  ["E33 ^0", "0.9.9", "^0", true],
  ["E34 ^0, next major", "1.0.0", "^0", false],
  ["E35 caret excludes the next major's pre-releases", "2.0.0-rc.1", "^1.0.0-0", false],
  ["E36 a group naming one pre-release admits others", "1.5.0-rc.1", ">=1.0.0-0 <2.0.0", true],
  ["E37 only the group that names it", "3.0.0-rc.1", "1.0.0-0 || >=2", false],
  ["E38 exact pre-release", "1.0.0-rc.1", "1.0.0-rc.1", true],
  ["E39 pre-release below release", "1.0.0-rc.1", ">=1.0.0", false],
  ["E40 numeric pre-release order", "1.0.0-rc.10", ">1.0.0-rc.9", true],
  ["E41 build metadata of the version", "1.2.3+build.7", "1.2.3", true],
  ["E42 build metadata of the constraint", "1.2.3", "=1.2.3+other", true],
  ["E43 != minor", "1.2.9", "!=1.2", false],
  ["E44 != minor, other", "1.3.0", "!=1.2", true],
  ["E45 != major", "1.3.0", "!=1.x", false],
  ["E46 !=*", "1.0.0", "!=*", false],
  ["E47 ^*", "7.1.0", "^*", true],
  ["E48 hyphen with partial upper bound", "2.9.0", "1 - 2", true],
  ["E49 hyphen without spaces is a pre-release", "1.5.0", "1.0.0-2.0.0", false],
  ["E50 hyphen and or", "9.0.0", "1 - 2 || 9", true],
  ["E51 largest safe part", "9007199254740990.0.0", ">=1", true],
  ["E52 part beyond safe is no version", "99999999999999999999.0.0", ">=1", false],
  ["E53 equal texts beyond safe", "99999999999999999999.0.0", "99999999999999999999.0.0", true],
  ["E54 surrounding space in the constraint", "1.0.0", "  ^1.0.0  ", true],
  ["E55 surrounding space in the version", " 1.0.0", "^1.0.0", false],
  ["E56 blank constraint", "1.0.0", " ", false],
  ["E57 trailing comma", "1.0.0", ">=1,", false],
  ["E58 four parts", "1.2.3.4", ">=1", false],
  ["E59 full-width digits", "１.0.0", ">=1", false],
  ["E60 constraint longer than the limit", "1.0.0", ">=1" + " ".repeat(300), false],
  ["E61 malformed pre-release", "1.0.0-01", ">=1.0.0-0", false],
  ["E62 capital V", "1.0.0", "V1.0.0", false],
];

for (const [id, version, constraint, expected] of rows) {
  Deno.test(`ParsedVersions.meets() ${id}`, () => {
    const versions = new ParsedVersions();
    assert.equal(versions.meets(version, versions.demand(constraint)), expected);
  });
}

const orders: [id: string, newer: string, older: string][] = [
  ["V19 a version before a word", "0.0.1", "nightly"],
  ["V20 numeric", "1.10.0", "1.9.0"],
  ["V15 pre-release above an older release", "1.1.0-beta.1", "1.0.0"],
  ["E1 release above its pre-release", "1.0.0", "1.0.0-rc.1"],
  ["E2 two words", "zeta", "alpha"],
  ["E3 a word above the empty text", "alpha", ""],
  ["E4 numeric pre-release", "1.0.0-rc.10", "1.0.0-rc.9"],
];

for (const [id, newer, older] of orders) {
  Deno.test(`ParsedVersions.compare() ${id}`, () => {
    const versions = new ParsedVersions();
    assert.ok(versions.compare(newer, older) > 0);
    assert.ok(versions.compare(older, newer) < 0);
  });
}

for (
  const [id, a, b] of [
    ["V22 build metadata", "1.0.0+b", "1.0.0+a"],
    ["E5 missing parts", "v1.2", "1.2.0"],
    ["E6 one word", "nightly", "nightly"],
  ] as const
) {
  Deno.test(`ParsedVersions.compare() ranks the same: ${id}`, () => {
    assert.equal(new ParsedVersions().compare(a, b), 0);
  });
}

Deno.test("ParsedVersions answers the same after its memory has overflowed", () => {
  const versions = new ParsedVersions(2);
  const answers = () =>
    ["1.0.0", "2.0.0", "3.0.0", "word"].map((text) => versions.meets(text, versions.demand("<3")));
  assert.deepEqual(answers(), [true, true, false, false]);
  assert.deepEqual(answers(), [true, true, false, false]);
});
