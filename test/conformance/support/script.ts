import type { Request } from './pipeline.ts';

/** The requests as lines for `redis-cli`, which reads quotes and `\xHH`. */
export function script(requests: readonly Request[]): string {
  return requests.map((request) => request.map(quote).join(' ')).join('\n');
}

function quote(part: string): string {
  if (/^[\w.:*?#+-]+$/.test(part)) return part;
  const escaped = part.replace(/["\\]|[^\x20-\x7e]/g, (byte) => {
    if (byte === '"' || byte === '\\') return `\\${byte}`;
    return `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
