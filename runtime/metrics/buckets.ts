/**
 * Upper bounds of histograms, as OpenTelemetry's semantic conventions advise for each kind of metric.
 *
 * @module
 */

/** Of HTTP requests, seconds (`http.server.request.duration`). */
export const HTTP_SECONDS = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
] as const;

/**
 * Of calls between agents, seconds (`mcp.server.operation.duration`), with two bounds below its
 * lowest: a call on one machine takes about a millisecond.
 */
export const MCP_SECONDS = [
  0.001,
  0.005,
  0.01,
  0.02,
  0.05,
  0.1,
  0.2,
  0.5,
  1,
  2,
  5,
  10,
  30,
  60,
  120,
  300,
] as const;

/** Of calls to a language model, seconds (`gen_ai.client.operation.duration`). */
export const GEN_AI_SECONDS = [
  0.01,
  0.02,
  0.04,
  0.08,
  0.16,
  0.32,
  0.64,
  1.28,
  2.56,
  5.12,
  10.24,
  20.48,
  40.96,
  81.92,
] as const;

/** Of what a database does, seconds (`db.client.operation.duration`). */
export const DATABASE_SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10] as const;

/** Of what happens in memory, seconds: from 10 µs. */
export const COMPUTATION_SECONDS = [
  0.00001,
  0.00005,
  0.0001,
  0.0005,
  0.001,
  0.005,
  0.01,
  0.05,
  0.1,
  0.5,
  1,
  5,
] as const;

/** Of tokens of one call to a language model (`gen_ai.client.token.usage`). */
export const GEN_AI_TOKENS = [
  1,
  4,
  16,
  64,
  256,
  1_024,
  4_096,
  16_384,
  65_536,
  262_144,
  1_048_576,
  4_194_304,
  16_777_216,
  67_108_864,
] as const;
