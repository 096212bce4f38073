import { connect } from 'node:net';

const batchBytes = 1 << 18;

/**
 * Sends commands that are answered with one line each (an integer, a status), a batch at a time, and resolves when all
 * have been answered. Rejects with the first error reply.
 */
export async function bulkLoad(port: number, commands: Iterable<readonly (string | number)[]>): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const iterator = commands[Symbol.iterator]();
  let waiting = 0;
  await new Promise<void>((resolve, reject) => {
    const send = () => {
      const parts: string[] = [];
      let size = 0;
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
        const request = encode(next.value);
        parts.push(request);
        size += request.length;
        waiting++;
        if (size >= batchBytes) break;
      }
      if (parts.length === 0) resolve();
      else socket.write(parts.join(''), 'latin1');
    };
    let isLineStart = true;
    socket.once('connect', send);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed while loading')));
    socket.on('data', (chunk) => {
      for (const byte of chunk) {
        if (isLineStart && byte === 0x2d) reject(new Error(chunk.toString('latin1').slice(0, 200)));
        isLineStart = byte === 0x0a;
        if (isLineStart) waiting--;
      }
      if (waiting === 0) send();
    });
  }).finally(() => socket.removeAllListeners('close').destroy());
}

function encode(words: readonly (string | number)[]): string {
  let request = `*${words.length}\r\n`;
  for (const word of words) {
    const text = String(word);
    request += `$${text.length}\r\n${text}\r\n`;
  }
  return request;
}
