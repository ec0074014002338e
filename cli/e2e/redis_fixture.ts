/**
 * A real Redis on a port of its own, for tests. `redis-server` must be installed.
 *
 * @module
 */
import { RedisServer } from "../../.ci/fixtures/redis_server.ts";

/** Starts a Redis that writes everything down at once. */
export const redisServer = RedisServer.open;
