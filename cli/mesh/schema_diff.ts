/**
 * What differs between two canonical schemas, at every depth. A path is dotted, and `[]` stands for
 * the items of an array: `legs[].from`. Recursive definitions are followed once.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { asObject, isObject } from "../../runtime/base/json.ts";
import type { Palette } from "../output/colour.ts";

/** A property that only one side has. */
export interface SchemaField {
  path: string;
  name: string;
  type: string;
}

/** A node whose type differs. */
export interface TypeChange {
  path: string;
  name: string;
  type_a: string;
  type_b: string;
}

/** Any other keyword that differs; `null` where a side has none. */
export interface KeywordChange {
  path: string;
  keyword: string;
  a: unknown;
  b: unknown;
}

/** The differences; keys are those of the reference's `schema diff --json`, and `changed` is ours. */
export interface SchemaDiff {
  only_in_a: SchemaField[];
  only_in_b: SchemaField[];
  type_changed: TypeChange[];
  /** Paths of all required properties, at every depth. */
  required_a: string[];
  required_b: string[];
  changed: KeywordChange[];
}

type Node = Record<string, unknown>;

/** Keywords that are compared by structure. */
const STRUCTURAL = new Set(["type", "properties", "required", "items", "$ref", "$defs"]);

/** Compares two canonical schemas. */
export function schemaDiff(a: Node, b: Node): SchemaDiff {
  const comparison = new Comparison(a, b);
  comparison.compare(a, b, "");
  return {
    ...comparison.diff,
    required_a: requiredPaths(a),
    required_b: requiredPaths(b),
  };
}

class Comparison {
  readonly diff: Omit<SchemaDiff, "required_a" | "required_b"> = {
    only_in_a: [],
    only_in_b: [],
    type_changed: [],
    changed: [],
  };
  readonly #a: Node;
  readonly #b: Node;
  /** Pairs of definitions that are being or were compared. */
  readonly #pairs = new Set<string>();

  constructor(a: Node, b: Node) {
    this.#a = a;
    this.#b = b;
  }

  compare(left: Node, right: Node, path: string): void {
    if (typeof left["$ref"] === "string" && typeof right["$ref"] === "string") {
      const pair = `${left["$ref"]}\n${right["$ref"]}`;
      if (this.#pairs.has(pair)) return;
      this.#pairs.add(pair);
    }
    const a = definition(left, this.#a);
    const b = definition(right, this.#b);
    const [type_a, type_b] = [typeText(a), typeText(b)];
    if (type_a !== type_b) {
      this.diff.type_changed.push({ path, name: lastName(path), type_a, type_b });
    }
    this.#properties(a, b, path);
    this.#items(a, b, path);
    const keywords = new Set([...Object.keys(a), ...Object.keys(b)]).difference(STRUCTURAL);
    for (const keyword of [...keywords].toSorted()) {
      this.#keyword(keyword, a[keyword], b[keyword], path);
    }
  }

  #properties(a: Node, b: Node, path: string): void {
    const [ofA, ofB] = [properties(a), properties(b)];
    for (const name of [...new Set([...ofA.keys(), ...ofB.keys()])].toSorted()) {
      const [left, right] = [ofA.get(name), ofB.get(name)];
      const at = join(path, name);
      if (left !== undefined && right !== undefined) this.compare(left, right, at);
      else if (left !== undefined) this.diff.only_in_a.push(field(left, name, at));
      else if (right !== undefined) this.diff.only_in_b.push(field(right, name, at));
    }
  }

  #items(a: Node, b: Node, path: string): void {
    const [left, right] = [a["items"], b["items"]];
    if (isObject(left) && isObject(right)) this.compare(left, right, `${path}[]`);
    else this.#keyword("items", left, right, path);
  }

  #keyword(keyword: string, a: unknown, b: unknown, path: string): void {
    if (isDeepStrictEqual(a, b)) return;
    this.diff.changed.push({ path, keyword, a: a ?? null, b: b ?? null });
  }
}

/** The node that a reference leads to, or the node itself. */
function definition(node: Node, root: Node): Node {
  const name = /^#\/\$defs\/(.+)$/.exec(String(node["$ref"]))?.[1];
  const definitions = root["$defs"];
  const found = name !== undefined && isObject(definitions) && Object.hasOwn(definitions, name)
    ? definitions[name]
    : undefined;
  return isObject(found) ? found : node;
}

function properties(node: Node): Map<string, Node> {
  const table = asObject(node["properties"]);
  return new Map(
    Object.entries(table).map(([name, value]) => [name, asObject(value)]),
  );
}

function field(node: Node, name: string, path: string): SchemaField {
  return { path, name, type: typeText(node) };
}

function typeText(node: Node): string {
  const { type } = node;
  if (Array.isArray(type)) return type.join("|");
  if (typeof type === "string") return type;
  return Array.isArray(node["anyOf"]) ? "anyOf" : "any";
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

function requiredPaths(root: Node): string[] {
  const walk = (node: Node, path: string, inside: ReadonlySet<string>): string[] => {
    const reference = String(node["$ref"] ?? "");
    if (inside.has(reference)) return [];
    const deeper = reference === "" ? inside : new Set([...inside, reference]);
    const target = definition(node, root);
    const required = Array.isArray(target["required"]) ? target["required"] : [];
    const items = target["items"];
    return [
      ...required.map((name) => join(path, String(name))),
      ...[...properties(target)].flatMap(([name, value]) => walk(value, join(path, name), deeper)),
      ...(isObject(items) ? walk(items, `${path}[]`, deeper) : []),
    ];
  };
  return walk(root, "", new Set()).toSorted();
}

/** Lines that show the differences: `-` only the first has, `+` only the second, `~` differs. */
export function diffLines(diff: SchemaDiff, palette: Palette): string[] {
  const [inA, inB] = [new Set(diff.required_a), new Set(diff.required_b)];
  const onlyIn = new Set([...diff.only_in_a, ...diff.only_in_b].map(({ path }) => path));
  const need = (paths: ReadonlySet<string>, path: string) => paths.has(path) ? ", required" : "";
  const needChanges = [...inA.symmetricDifference(inB)].filter((path) => !isBelow(path, onlyIn));
  return [
    ...diff.only_in_a.map(({ path, type }) =>
      palette.paint("red", `- ${path}: ${type}${need(inA, path)}`)
    ),
    ...diff.only_in_b.map(({ path, type }) =>
      palette.paint("green", `+ ${path}: ${type}${need(inB, path)}`)
    ),
    ...[
      ...diff.type_changed.map(({ path, type_a, type_b }) =>
        `~ ${path || "(root)"}: ${type_a} → ${type_b}`
      ),
      ...needChanges.map((path) =>
        inA.has(path) ? `~ ${path}: required → optional` : `~ ${path}: optional → required`
      ),
      ...diff.changed.map(({ path, keyword, a, b }) =>
        `~ ${path || "(root)"}: ${keyword} ${JSON.stringify(a)} → ${JSON.stringify(b)}`
      ),
    ].map((line) => palette.paint("yellow", line)),
  ];
}

/** Whether a path is one of `paths` or lies below one. */
function isBelow(path: string, paths: ReadonlySet<string>): boolean {
  return [...paths].some((other) =>
    path === other || path.startsWith(`${other}.`) || path.startsWith(`${other}[`)
  );
}
