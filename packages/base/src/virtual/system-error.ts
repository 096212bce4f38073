const texts: Record<string, string> = {
  EADDRINUSE: 'address already in use',
  EBADF: 'bad file descriptor',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EEXIST: 'file already exists',
  EHOSTUNREACH: 'no route to host',
  EIO: 'i/o error',
  EISDIR: 'illegal operation on a directory',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  EPIPE: 'broken pipe',
  ETIMEDOUT: 'operation timed out',
  EWOULDBLOCK: 'locked by another process',
};

/** An error as Node's system calls give it: `ENOSPC: no space left on device, write 'appendonly.aof'`. */
export class SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  /** A path, or `host:port`. */
  readonly subject: string;

  constructor(code: string, syscall: string, subject: string) {
    super(`${code}: ${texts[code] ?? 'failed'}, ${syscall} '${subject}'`);
    this.code = code;
    this.syscall = syscall;
    this.subject = subject;
  }
}
