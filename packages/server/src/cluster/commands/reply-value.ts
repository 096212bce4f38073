import type { ReplyValue } from '@kvartz/cluster';
import type { ReplyWriter } from '@kvartz/resp';

/** Writes a description as the client's protocol has it: null, numbers, bulk strings, arrays and maps. */
export function writeValue(reply: ReplyWriter, value: ReplyValue): void {
  if (value === null) reply.null();
  else if (typeof value === 'number') reply.integer(value);
  else if (typeof value === 'string') reply.bulkText(value);
  else if (isMap(value)) {
    reply.map(value.size);
    for (const [name, field] of value) {
      reply.bulkText(name);
      writeValue(reply, field);
    }
  } else {
    reply.array(value.length);
    for (const item of value) writeValue(reply, item);
  }
}

function isMap(value: object): value is ReadonlyMap<string, ReplyValue> {
  return value instanceof Map;
}
