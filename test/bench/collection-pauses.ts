/**
 * Pauses of the event loop that one huge collection causes while it grows, loses half of its elements, and is freed.
 *
 *   node test/bench/collection-pauses.ts [--elements 10000000] [--only hash,set,zset,list,stream]
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { serverCommand } from '../support/server-command.ts';
import { type CollectionKind, collectionKinds, collectionPauses } from './collection-pause-phases.ts';
import { describePauses, withWatchedServer } from './pauses.ts';
import { describeMachine } from './report.ts';
import { canPin, pinSelfTo } from './server-process.ts';

const pauseMaxMs = 10;

const { values: options } = parseArgs({
  options: { elements: { type: 'string', default: '10000000' }, only: { type: 'string' } },
});
const elements = Number(options.elements);
const kinds = (options.only?.split(',') ?? collectionKinds) as CollectionKind[];
if (!(elements >= 1000) || kinds.some((kind) => !collectionKinds.includes(kind))) {
  console.error(`collection-pauses: --elements from 1000, --only of ${collectionKinds.join(', ')}`);
  process.exit(2);
}

const machine = describeMachine();
const pinned = canPin() && Number(machine['cores']) > 1;
pinSelfTo(pinned ? 1 : undefined);
console.log(`${machine['cpu']}, load ${machine['loadAverage']}; ${elements} elements`);
for (const kind of kinds) {
  const command = { label: 'kvartz', argv: serverCommand(), core: pinned ? 0 : undefined };
  await withWatchedServer(command, async (server, pauses) => {
    await sleep(1000);
    console.log(`${kind}, idle: ${describePauses(pauses.take())}`);
    for await (const { phase, summary, seconds } of collectionPauses(server.port, kind, elements, pauses)) {
      const verdict = summary.ownTurnMaxMs < pauseMaxMs ? 'met' : 'MISSED';
      console.log(
        `${kind}, ${phase}, ${seconds.toFixed(1)} s: ${describePauses(summary)}: < ${pauseMaxMs} ms ${verdict}`,
      );
    }
  });
}
