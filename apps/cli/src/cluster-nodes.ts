/** Reading of CLUSTER NODES: https://redis.io/docs/latest/commands/cluster-nodes/ */
export interface ClusterNode {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly flags: ReadonlySet<string>;
  /** Id of its master; undefined for masters. */
  readonly masterId: string | undefined;
  readonly configEpoch: number;
  readonly linkState: string;
  /** Inclusive ranges. */
  readonly slots: readonly (readonly [first: number, last: number])[];
}

export function parseClusterNodes(text: string): ClusterNode[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [id, address, flags, master, , , epoch, linkState, ...slots] = line.trim().split(' ');
      const at = /^(.*):(\d+)(?:@\d+)?(?:,.*)?$/.exec(address ?? '');
      if (id === undefined || at === null || flags === undefined || linkState === undefined)
        throw new Error(`not a line of CLUSTER NODES: ${JSON.stringify(line)}`);
      return {
        id,
        host: at[1]!,
        port: Number(at[2]),
        flags: new Set(flags.split(',')),
        masterId: master === '-' ? undefined : master,
        configEpoch: Number(epoch),
        linkState,
        slots: slots.filter((range) => !range.startsWith('[')).map(parseRange), // [slot->-id]: a slot on its way
      };
    });
}

function parseRange(range: string): [number, number] {
  const [first, last] = range.split('-').map(Number);
  return [first!, last ?? first!];
}

/** One line that is the same on every node that has the same view of who owns what. */
export function ownershipOf(nodes: readonly ClusterNode[]): string {
  return nodes
    .filter((node) => node.slots.length > 0)
    .map((node) => `${node.id}=${node.slots.map((range) => range.join('-')).join(',')}`)
    .toSorted()
    .join(' ');
}

export function slotCountOf(node: ClusterNode): number {
  return node.slots.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
