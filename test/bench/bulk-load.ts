import { connect } from 'node:net';

const pong = '+PONG\r\n';

/**
 * Sends commands, a batch of about `batchBytes` at a time, each batch with a PING behind it, and resolves when all have been answered. Rejects with
 * the first error reply: no reply may have a line that looks like one.
 */
export async function bulkLoad(
  port: number,
  commands: Iterable<readonly (string | number)[]>,
  batchBytes = 1 << 18,
): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  const iterator = commands[Symbol.iterator]();
  await new Promise<void>((resolve, reject) => {
    const send = () => {
      const parts: string[] = [];
      let size = 0;
      for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
        const request = encode(next.value);
        parts.push(request);
        size += request.length;
        if (size >= batchBytes) break;
      }
      if (parts.length === 0) resolve();
      else socket.write(parts.join('') + encode(['PING']), 'latin1');
    };
    let tail = '\n';
    socket.once('connect', send);
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('connection closed while loading')));
    socket.on('data', (chunk) => {
      const text = tail + chunk.toString('latin1');
      const errorAt = text.indexOf('\n-') + 1;
      if (errorAt > 0) reject(new Error(text.slice(errorAt, errorAt + 200)));
      tail = text.slice(-pong.length);
      if (tail !== pong) return;
      tail = '\n';
      send();
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
