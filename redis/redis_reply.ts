/** What Redis answers; texts come as bytes, except for short statuses such as `OK`. */
export type RedisReply = null | number | string | Uint8Array | readonly RedisReply[];
