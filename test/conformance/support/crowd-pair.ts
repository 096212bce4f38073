import { TestNode } from '../../cluster/support/test-node.ts';
import { Crowd, type Turn } from './crowd.ts';
import { script } from './script.ts';
import { shrink } from './shrink.ts';

export interface TurnDifference {
  /** Of the turn after which the servers differ. */
  readonly index: number;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** Kvartz and redis-server, with a crowd at each that takes the same turns. */
export class CrowdPair {
  readonly #nodes: readonly [TestNode, TestNode];
  readonly #size: number;
  /** What of a reply is compared; default: all of it. */
  readonly #shown: (reply: string) => string;

  private constructor(nodes: readonly [TestNode, TestNode], size: number, shown: (reply: string) => string) {
    this.#nodes = nodes;
    this.#size = size;
    this.#shown = shown;
  }

  static async start(size: number, shown = (reply: string): string => reply): Promise<CrowdPair> {
    const directives = ['--enable-debug-command', 'yes'];
    const ours = await TestNode.start(directives);
    return new CrowdPair([ours, await TestNode.start(directives, ['redis-server'])], size, shown);
  }

  async remove(): Promise<void> {
    for (const node of this.#nodes) await node.remove();
  }

  /** Each connection must receive the same after each turn, and the data be the same in the end. */
  async compare(turns: readonly Turn[]): Promise<TurnDifference | undefined> {
    const crowds = await Promise.all(this.#nodes.map(({ port }) => Crowd.gather(port, this.#size)));
    const both = <T>(act: (crowd: Crowd) => Promise<T>): Promise<T[]> => Promise.all(crowds.map(act));
    const differ = (ours: unknown, theirs: unknown): boolean => JSON.stringify(ours) !== JSON.stringify(theirs);
    try {
      await both((crowd) => crowd.ask(['FLUSHALL']));
      // docs/differences.md: what clients have read is forgotten when none of them tracks keys any more.
      await both((crowd) => crowd.ask(['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', 'none']));
      for (const [index, turn] of turns.entries()) {
        const [ours, theirs] = await both(async (crowd) => (await crowd.take(turn)).map((all) => all.map(this.#shown)));
        if (differ(ours, theirs)) return { index, ours, theirs };
      }
      const [ours, theirs] = await both((crowd) => crowd.ask(['DEBUG', 'DIGEST']));
      return differ(ours, theirs) ? { index: turns.length - 1, ours, theirs } : undefined;
    } finally {
      for (const crowd of crowds) crowd.close();
    }
  }

  /** What to tell of turns that differ: the shortest such part of them. */
  async explain(turns: readonly Turn[]): Promise<string> {
    const shortest = await shrink(turns, async (part) => (await this.compare(part)) !== undefined, 200);
    const difference = await this.compare(shortest);
    return [
      `after turn ${difference?.index}, by connection:`,
      ...shortest.map(({ requests, who }) => `${who}: ${requests.length === 0 ? 'reconnects' : script(requests)}`),
      `kvartz: ${JSON.stringify(difference?.ours)}`,
      `redis:  ${JSON.stringify(difference?.theirs)}`,
    ].join('\n');
  }
}
