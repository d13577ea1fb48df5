/** The part of npm's connect-redis that the tests use. */
export declare class RedisStore {
  constructor(options: { client: unknown });
}
