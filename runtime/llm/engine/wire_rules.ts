/**
 * Which of the rules for tools and messages hold for a request: those that an endpoint is known for, and
 * those that it has asked for in its own words. Pure.
 *
 * @module
 */
import { SCHEMA_RULES, type SchemaRule } from "./json_schema_rules.ts";
import { MESSAGE_RULES, type MessageRule } from "./message_rules.ts";
import type { Traits } from "./vendors.ts";

/** The rules of one request. */
export interface WireRules {
  readonly schemas: readonly SchemaRule[];
  readonly messages: readonly MessageRule[];
}

/**
 * Returns the rules that hold.
 *
 * @param learned Names of rules that the endpoint has turned out to have.
 */
export function wireRules(traits: Traits, learned: ReadonlySet<string> = new Set()): WireRules {
  const holds = ({ name, when }: Pick<MessageRule, "name" | "when">) =>
    learned.has(name) || when(traits);
  return { schemas: SCHEMA_RULES.filter(holds), messages: MESSAGE_RULES.filter(holds) };
}

/** Returns the name of the rule that a refused request did not keep, if it is one that did not hold. */
export function ruleMissed(message: string, held: readonly string[]): string | undefined {
  const rules: readonly Pick<SchemaRule, "name" | "words">[] = [...MESSAGE_RULES, ...SCHEMA_RULES];
  return rules.find(({ name, words }) => words?.test(message) === true && !held.includes(name))
    ?.name;
}
