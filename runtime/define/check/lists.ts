/**
 * Lists and records that several definitions have.
 *
 * @module
 */
import { func, list, name, record, text } from "./kind.ts";

/** Tags that a definition has. */
export const tags = list(name, '["fast"]');

/** A list of texts. */
export const texts = list(text, '["…"]');

/** Texts by their names. */
export const textsByName = record(text, "{ name: value }");

/** Functions by their names. */
export const functionsByName = record(func, "{ name: (value) => … }");
