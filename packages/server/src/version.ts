/** The Redis whose commands, replies and errors a client may expect: what HELLO and `redis_version` of INFO say. */
export const compatibleVersion = '7.2.0';
