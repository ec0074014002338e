import assert from "node:assert/strict";
import type { TagSelector } from "../registration.ts";
import { parseTags, REJECTED, tagRejection, tagScore } from "./tags.ts";

/** `expected`: a score, or the details of the rejection. */
interface Row {
  id: string;
  asked: TagSelector[];
  offered: string[];
  expected: number | Record<string, unknown>;
}

const rows: Row[] = [
  { id: "T1 nothing asked", asked: [], offered: [], expected: 0 },
  { id: "T2 required, present", asked: ["x"], offered: ["x", "y"], expected: 5 },
  { id: "T3 required, absent", asked: ["x"], offered: ["y"], expected: { missing: ["x"] } },
  { id: "T4 preferred, absent", asked: ["+x"], offered: ["y"], expected: 0 },
  {
    id: "T5 excluded, present",
    asked: ["x", "-bad"],
    offered: ["x", "bad"],
    expected: { disallowed: ["bad"] },
  },
  { id: "T7 excluded, absent", asked: ["-bad"], offered: ["x"], expected: 0 },
  {
    id: "T8 preferred tags add up",
    asked: ["x", "+p", "+q"],
    offered: ["x", "p", "q"],
    expected: 25,
  },
  { id: "T11 case matters", asked: ["x"], offered: ["X"], expected: { missing: ["x"] } },
  { id: "T12 empty selector", asked: ["", "x"], offered: ["x"], expected: 5 },
  { id: "T13 bare +", asked: ["+"], offered: ["x"], expected: 0 },
  { id: "T13 bare -", asked: ["-"], offered: ["x"], expected: 0 },
  {
    id: "T14 the prefix is always an operator",
    asked: ["+opus"],
    offered: ["+opus"],
    expected: 0,
  },
  { id: "T15 repeated required tag", asked: ["x", "x"], offered: ["x"], expected: 10 },
  { id: "T17 group, one member present", asked: [["py", "ts"]], offered: ["ts"], expected: 5 },
  {
    id: "T18 group, no member present",
    asked: [["py", "ts"]],
    offered: ["go"],
    expected: { missing_one_of: ["py", "ts"] },
  },
  { id: "T19 group, preferred member", asked: [["+py", "ts"]], offered: ["py"], expected: 10 },
  { id: "T19 group, plain member", asked: [["+py", "ts"]], offered: ["ts"], expected: 5 },
  {
    id: "T20 group of one preferred is required",
    asked: [["+py"]],
    offered: ["go"],
    expected: { missing_one_of: ["+py"] },
  },
  {
    id: "T21 group, excluded member present",
    asked: [["py", "-bad"]],
    offered: ["py", "bad"],
    expected: { disallowed: ["bad"] },
  },
  {
    id: "T22 group of one excluded never matches",
    asked: [["-bad"]],
    offered: ["py"],
    expected: { missing_one_of: ["-bad"] },
  },
  { id: "T23 empty group", asked: [[]], offered: ["py"], expected: 0 },
  {
    id: "E1 group scores once",
    asked: [["a", "b", "+c", "+d"]],
    offered: ["a", "b", "c", "d"],
    expected: 10,
  },
  { id: "E2 group of empty members", asked: [["", "+", "-"]], offered: [], expected: 0 },
  { id: "E3 group ignores empty members", asked: [["", "a"]], offered: ["a"], expected: 5 },
  { id: "E4 group and required tag", asked: ["x", ["a", "+b"]], offered: ["b", "x"], expected: 15 },
  { id: "E5 doubled prefix asks for the literal", asked: ["++x"], offered: ["+x"], expected: 10 },
  { id: "E6 required literal with inner +", asked: ["c+x"], offered: ["c+x"], expected: 5 },
  {
    id: "E7 excluded literal with prefix",
    asked: ["--x"],
    offered: ["-x"],
    expected: { disallowed: ["-x"] },
  },
  { id: "E8 provider repeats a tag", asked: ["+p"], offered: ["p", "p"], expected: 10 },
  { id: "E9 preferred twice", asked: ["+p", "+p"], offered: ["p"], expected: 20 },
  { id: "E10 provider's empty tag is not asked for", asked: [""], offered: [""], expected: 0 },
  { id: "E11 unicode", asked: ["日本語", "+🛩️"], offered: ["🛩️", "日本語"], expected: 15 },
  {
    id: "E12 no Unicode normalisation",
    asked: ["caf\u00e9"],
    offered: ["cafe\u0301"],
    expected: { missing: ["caf\u00e9"] },
  },
  {
    id: "E13 whitespace is part of a tag",
    asked: [" x"],
    offered: ["x"],
    expected: { missing: [" x"] },
  },
  {
    id: "E14 excluded tags are named before missing ones",
    asked: ["a", "-b", "c", "-d", "-e"],
    offered: ["b", "a", "e"],
    expected: { disallowed: ["b", "e"] },
  },
  {
    id: "E17 all missing tags are named, before a group",
    asked: [["p", "q"], "x", "a", "y", "x"],
    offered: ["a"],
    expected: { missing: ["x", "y"] },
  },
  {
    id: "E18 the first group that is not met is named",
    asked: ["a", ["p", "+q"], ["r"]],
    offered: ["a"],
    expected: { missing_one_of: ["p", "+q"] },
  },
  {
    id: "E15 names of built-in properties",
    asked: ["constructor"],
    offered: [],
    expected: { missing: ["constructor"] },
  },
  { id: "E16 nothing offered, preferred only", asked: ["+a", "-b"], offered: [], expected: 0 },
];

for (const { id, asked, offered, expected } of rows) {
  Deno.test(`tagScore() ${id}`, () => {
    const query = parseTags(asked);
    const score = tagScore(query, offered);
    const rejection = tagRejection(query, offered);
    if (typeof expected === "number") {
      assert.equal(score, expected);
      assert.equal(rejection, undefined);
      return;
    }
    assert.equal(score, REJECTED);
    assert.deepEqual(rejection?.details, expected);
    const reason = "disallowed" in expected ? "ExtraTagDisallowed" : "MissingTag";
    assert.equal(rejection?.reason, reason);
  });
}
