import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../../context.ts';
import type { Histogram } from '../../latency/histogram.ts';
import type { ServerCommand } from '../../table.ts';

/** LATENCY HISTOGRAM [command ...]: a container stands for its subcommands; commands without calls are left out. */
export function histogram({ kernel, reply }: ServerContext, args: Args): void {
  const { table } = kernel;
  const chosen = new Map<string, Histogram>();
  const add = ({ latency, name }: ServerCommand): void => {
    if (latency !== undefined) chosen.set(name, latency);
  };
  if (args.count === 2) for (const command of table.everyCommand()) add(command);
  for (let i = 2; i < args.count; i++) {
    const command = table.get(textAt(args, i).toLowerCase());
    if (command === undefined) continue;
    add(command);
    for (const subcommand of command.subcommands?.values() ?? []) add(subcommand);
  }
  reply.map(chosen.size);
  for (const [name, latency] of chosen) {
    reply.bulkText(name);
    reply.map(2);
    reply.bulkText('calls');
    reply.integer(latency.count);
    reply.bulkText('histogram_usec');
    const buckets = [...latency.doublings()];
    reply.map(buckets.length);
    for (const [usec, calls] of buckets) {
      reply.integer(usec);
      reply.integer(calls);
    }
  }
}
