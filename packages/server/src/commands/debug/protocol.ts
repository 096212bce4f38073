import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';

/** DEBUG PROTOCOL type: a value for the tests of client libraries, the same as Redis's. */
export function protocol({ reply }: ServerContext, args: Args): void {
  switch (textAt(args, 2).toLowerCase()) {
    case 'string':
      return reply.bulkText('Hello World');
    case 'integer':
      return reply.integer(12_345);
    case 'double':
      // oxlint-disable-next-line approx-constant -- Redis's test value
      return reply.double(3.141);
    case 'null':
      return reply.null();
    case 'array':
      reply.array(3);
      for (let i = 0; i < 3; i++) reply.integer(i);
      return undefined;
    case 'set':
      reply.set(3);
      for (let i = 0; i < 3; i++) reply.integer(i);
      return undefined;
    case 'map':
      reply.map(3);
      for (let i = 0; i < 3; i++) {
        reply.integer(i);
        reply.boolean(i === 1);
      }
      return undefined;
    case 'attrib':
      return attribute(reply);
    case 'push':
      if (reply.protocol < 3) {
        return reply.error('ERR RESP2 is not supported by this command');
      }
      reply.push(2);
      reply.bulkText('server-cpu-usage');
      return reply.integer(42);
    case 'verbatim':
      return reply.verbatim('txt', 'This is a verbatim\nstring');
    case 'true':
      return reply.boolean(true);
    case 'false':
      return reply.boolean(false);
    case 'bignum':
      return reply.bigNumber('1234567999999999999999999999999999999');
    default:
      return reply.error(
        'ERR Wrong protocol type name. Please use one of the following: ' +
          'string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false',
      );
  }
}

/** RESP2 gets the reply without it. */
function attribute(reply: ServerContext['reply']): void {
  if (reply.protocol === 3) {
    reply.attribute(1);
    reply.bulkText('key-popularity');
    reply.array(2);
    reply.bulkText('key:123');
    reply.integer(90);
  }
  reply.bulkText('Some real reply following the attribute');
}
