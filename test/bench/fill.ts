import { connect } from 'node:net';

export interface Fill {
  readonly port: number;
  /** Number of keys, named `key:` and twelve digits (16 bytes), as redis-benchmark names them. */
  readonly keys: number;
  readonly valueBytes: number;
  /** What the values are made of, over and over. Default: `x`. */
  readonly pattern?: string;
  /** Number of the first key; 0 unless given. */
  readonly firstKey?: number;
  /** Removes all other keys first. */
  readonly flush?: boolean;
  readonly onProgress?: (done: number) => void;
}

const requestsPerBatch = 1000;
const batchesInFlight = 4;

/**
 * Sets every key of the keyspace once, over one connection, a few batches ahead of the replies. A batch is a template in
 * which only the digits of the keys change, so that this costs the loading core less than the server needs.
 */
export async function fill({
  port,
  keys,
  valueBytes,
  pattern = 'x',
  firstKey = 0,
  flush = false,
  onProgress,
}: Fill): Promise<void> {
  const head = `*3\r\n$3\r\nSET\r\n$16\r\nkey:`;
  const request = Buffer.from(
    `${head}000000000000\r\n$${valueBytes}\r\n${pattern.repeat(valueBytes).slice(0, valueBytes)}\r\n`,
  );
  const perBatch = Math.max(1, Math.min(requestsPerBatch, Math.floor(4_000_000 / request.length)));
  const free = Array.from({ length: batchesInFlight }, () => template(request, perBatch));
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let sent = 0;
  let acknowledged = 0;
  const inFlight: { batch: Buffer; end: number }[] = [];
  const expected = Buffer.from('+OK\r\n'); // of FLUSHALL too
  const replies = keys + (flush ? 1 : 0);

  await new Promise<void>((resolve, reject) => {
    let replyBytes = 0;
    const send = () => {
      while (free.length > 0 && sent < keys) {
        const batch = free.pop()!;
        const count = Math.min(perBatch, keys - sent);
        for (let i = 0; i < count; i++) writeDigits(batch, i * request.length + head.length, firstKey + sent + i);
        sent += count;
        inFlight.push({ batch, end: sent + replies - keys });
        socket.write(batch.subarray(0, count * request.length));
      }
    };
    socket.once('connect', () => {
      if (flush) socket.write('*1\r\n$8\r\nFLUSHALL\r\n');
      send();
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`connection closed after ${acknowledged} of ${replies} replies`)));
    socket.on('data', (chunk) => {
      for (let at = 0; at < chunk.length; at++) {
        if (chunk[at] === expected[(replyBytes + at) % expected.length]) continue;
        socket.destroy();
        reject(new Error(`SET was answered with ${JSON.stringify(chunk.toString('latin1', at, at + 100))}`));
        return;
      }
      replyBytes += chunk.length;
      acknowledged = Math.floor(replyBytes / expected.length);
      while (inFlight.length > 0 && inFlight[0]!.end <= acknowledged) free.push(inFlight.shift()!.batch);
      onProgress?.(acknowledged);
      if (acknowledged < replies) return send();
      resolve();
      socket.end();
    });
  });
}

function template(request: Buffer, count: number): Buffer {
  const batch = Buffer.allocUnsafe(request.length * count);
  for (let i = 0; i < count; i++) request.copy(batch, i * request.length);
  return batch;
}

/** Twelve decimal digits with leading zeros, in place. */
function writeDigits(target: Buffer, at: number, value: number): void {
  let rest = value;
  for (let i = 11; i >= 0; i--) {
    const next = Math.floor(rest / 10);
    target[at + i] = 48 + (rest - next * 10);
    rest = next;
  }
}
