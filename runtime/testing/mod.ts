/**
 * The testing kit: what tests of agents import as `"mesh/testing"`.
 *
 * @module
 */
export {
  type FakeOptions,
  type JoinOptions,
  type TestAgent,
  type TestCallOptions,
  type TestMesh,
  testMesh,
} from "./mesh.ts";
