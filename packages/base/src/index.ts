export { AssertionError, assert } from './assert.ts';
export { ByteBuffer } from './byte-buffer.ts';
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
  OpenMode,
  Random,
  Timer,
  Timers,
  Transport,
} from './env.ts';
