import { type Reply, render, textOfReply } from './reply.ts';

/** Pairs that releases do not all have, or that say something about a radix tree. docs/differences.md */
const leftOut = new Set(['radix-tree-nodes', 'active-time', 'inactive']);
/** Pairs that are a matter of the moment. */
const moments = new Set(['idle', 'seen-time']);
/** Larger integers are times of now, in milliseconds since the epoch. */
const nowMsMin = 1e11;
/** Idle times of requests are far apart; the two servers do not run a request at the same moment. */
const idleStepMs = 100_000;

/** What XINFO says of streams, groups and consumers, without what is not to be compared. */
export function renderStream(reply: Reply): string {
  if (reply.items.length === 0) {
    return reply.kind === ':' && Number(textOfReply(reply)) >= nowMsMin ? ':now' : render(reply);
  }
  const parts: string[] = [];
  for (let i = 0; i < reply.items.length; i++) {
    const text = reply.items[i].kind === '$' ? textOfReply(reply.items[i]) : '';
    if (leftOut.has(text)) i++;
    else if (moments.has(text)) parts.push(reply.items[i++].head);
    else parts.push(renderStream(reply.items[i]));
  }
  return `[${parts.join(' ')}]`;
}

/** XPENDING with a range: the third element of each entry is how long it has been idle. */
export function renderPending(reply: Reply): string {
  const rows = reply.items.map((row) => {
    if (row.items.length !== 4) return render(row);
    return row.items.map((item, i) => {
      return i === 2 ? `idle ${Math.round(Number(textOfReply(item)) / idleStepMs)}` : render(item);
    });
  });
  return reply.head + rows.join(' ');
}
