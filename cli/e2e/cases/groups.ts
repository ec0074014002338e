/**
 * Every group of cases, in the order of the table. Add a file with a group of your command's, and
 * name it here.
 *
 * @module
 */
import { askCases } from "./ask.ts";
import { callCases } from "./call.ts";
import type { CaseGroup } from "./case.ts";
import { configCases } from "./config.ts";
import { learnCases } from "./learn.ts";
import { lifeCases } from "./life.ts";
import { noRegistryCases } from "./no_registry.ts";
import { startCases } from "./start.ts";
import { usageCases } from "./usage.ts";

/** Every group of cases. */
export const CASE_GROUPS: readonly CaseGroup[] = [
  usageCases,
  startCases,
  lifeCases,
  askCases,
  callCases,
  configCases,
  learnCases,
  noRegistryCases,
];
