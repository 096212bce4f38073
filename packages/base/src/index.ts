export { AssertionError, assert } from './assert.ts';
export { ByteBuffer } from './byte-buffer.ts';
export { copyBytes, equalBytes, equalsIgnoreCase } from './bytes.ts';
export { crc16 } from './crc16.ts';
export { Crc64, crc64 } from './crc64.ts';
export { formatDouble, formatDouble17, parseDouble } from './double.ts';
export type {
  Clock,
  Connection,
  ConnectionHandler,
  ConnectOptions,
  Disk,
  Endpoint,
  Env,
  File,
  Listener,
  ListenOptions,
  Lock,
  OpenMode,
  Random,
  Timer,
  Timers,
  Transport,
} from './env.ts';
export { formatInteger, parseInt64, parseInteger } from './integer.ts';
export { Prng } from './prng.ts';
export { quoteWord, splitWords } from './quoting.ts';
export { Sha1 } from './sha1.ts';
export { equalSecretly, HmacSha256, Sha256, sha256 } from './sha256.ts';
export { asciiBytes, latin1Bytes, latin1Of, textOf, utf8Bytes } from './text.ts';
