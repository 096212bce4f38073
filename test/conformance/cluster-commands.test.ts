import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TestNode } from '../cluster/support/test-node.ts';
import { describeWith } from '../support/programs.ts';
import { Pipeline } from './support/pipeline.ts';
import { type Reply, textOfReply } from './support/reply.ts';

const directives = [
  '--cluster-enabled',
  'yes',
  '--cluster-node-timeout',
  '2000',
  '--cluster-require-full-coverage',
  'no',
];

/** Two nodes of one kind, with what tells them apart from those of the other kind replaced in their replies. */
class Duo {
  readonly nodes: TestNode[] = [];
  readonly #pipelines: Pipeline[] = [];
  readonly #names = new Map<string, string>();

  static async start(command?: readonly string[]): Promise<Duo> {
    const duo = new Duo();
    for (let i = 0; i < 2; i++) duo.nodes.push(await TestNode.start(directives, command));
    for (const { port } of duo.nodes) duo.#pipelines.push(await Pipeline.connect(port));
    await duo.learnNames();
    return duo;
  }

  /** Ids change with a hard reset. */
  async learnNames(): Promise<void> {
    for (const [i, name] of ['A', 'B'].entries()) {
      this.#names.set(`<${name}>`, textOfReply(await this.#send(i, ['CLUSTER', 'MYID'])));
      this.#names.set(`<${name.toLowerCase()}>`, String(this.nodes[i]!.port));
    }
  }

  /** `<A>` and `<B>` are the nodes' ids, `<a>` and `<b>` their ports. The reply comes with names in place of both. */
  async ask(node: 'a' | 'b', words: readonly string[]): Promise<unknown> {
    const filled = words.map((word) => word.replaceAll(/<[ABab]>/g, (name) => this.#names.get(name) ?? name));
    const reply = this.#anonymous(await this.#send(node === 'a' ? 0 : 1, filled));
    // Redis lists shards in the order of a hash table.
    return words[1] === 'SHARDS' ? reply.map((one) => JSON.stringify(one)).toSorted() : reply;
  }

  async #send(node: number, words: readonly string[]): Promise<Reply> {
    return (await this.#pipelines[node]!.send([words]))[0]!;
  }

  #anonymous(reply: Reply): unknown[] {
    const isAggregate = '*%~'.includes(reply.kind);
    const content = isAggregate ? reply.items.map((one) => this.#anonymous(one)) : [this.#named(textOfReply(reply))];
    return [reply.kind, ...content];
  }

  #named(text: string): string {
    let named = text;
    for (const [name, value] of this.#names) {
      // Whole words only: the digits of a port may stand in a time, too.
      named = named.replaceAll(new RegExp(`\\b${value}\\b`, 'g'), name);
      if (/^<[ab]>$/.test(name))
        named = named.replaceAll(new RegExp(`\\b${Number(value) + 10_000}\\b`, 'g'), `${name}+`);
    }
    // Lines of CLUSTER NODES: times of pings and pongs, and the order, are of the moment.
    if (/^(txt:)?<?\w+>? \S*:\S+@\S+ /m.test(named)) {
      const lines = named
        .replace(/^txt:/, '')
        .split('\n')
        .map((line) => line.replace(/^((?:\S+ ){4})\d+ \d+ /, '$1<ping> <pong> '));
      return lines.toSorted().join('\n');
    }
    return named;
  }

  async remove(): Promise<void> {
    for (const pipeline of this.#pipelines) pipeline.close();
    for (const node of this.nodes) await node.remove();
  }
}

/** A line is a node and a request. `wait`: what was said has reached the other node. `names`: the ids are new. */
const sessions: Readonly<Record<string, string>> = {
  'one node: arguments': `
    a CLUSTER
    a CLUSTER foo
    a CLUSTER MEET
    a CLUSTER MEET 127.0.0.1
    a CLUSTER MEET 127.0.0.1 abc
    a CLUSTER MEET 127.0.0.1 99999
    a CLUSTER MEET 127.0.0.1 0
    a CLUSTER MEET 127.0.0.1 -1
    a CLUSTER MEET localhost 7000
    a CLUSTER MEET 1.2.3 7000
    a CLUSTER MEET 127.0.0.1 7000 xx
    a CLUSTER MEET 127.0.0.1 7000 99999
    a CLUSTER MEET 127.0.0.1 7000 1 2
    a CLUSTER ADDSLOTS
    a CLUSTER ADDSLOTS a
    a CLUSTER ADDSLOTS 16384
    a CLUSTER ADDSLOTS -1
    a CLUSTER ADDSLOTS 1 1
    a CLUSTER ADDSLOTS 1 2
    a CLUSTER ADDSLOTS 3 2
    a CLUSTER ADDSLOTS 2 x
    a CLUSTER DELSLOTS 5
    a CLUSTER DELSLOTS 1 1
    a CLUSTER DELSLOTS
    a CLUSTER ADDSLOTSRANGE 5
    a CLUSTER ADDSLOTSRANGE 5 4
    a CLUSTER ADDSLOTSRANGE 5 6 7
    a CLUSTER ADDSLOTSRANGE 5 6 6 7
    a CLUSTER ADDSLOTSRANGE a 6
    a CLUSTER ADDSLOTSRANGE 10 20000
    a CLUSTER ADDSLOTSRANGE 100 105 200 200
    a CLUSTER DELSLOTSRANGE 101 102
    a CLUSTER DELSLOTSRANGE 101 102
    a CLUSTER DELSLOTSRANGE 200
    a CLUSTER SLOTS
    a CLUSTER NODES
    a CLUSTER SHARDS
    a CLUSTER LINKS
    a CLUSTER NODES x
    a CLUSTER FLUSHSLOTS x
    a CLUSTER FLUSHSLOTS
    a CLUSTER SLOTS
    a CLUSTER KEYSLOT foo
    a CLUSTER KEYSLOT {a}b
    a CLUSTER COUNTKEYSINSLOT 1
    a CLUSTER COUNTKEYSINSLOT x
    a CLUSTER COUNTKEYSINSLOT 16384
    a CLUSTER COUNTKEYSINSLOT -1
    a CLUSTER GETKEYSINSLOT 1 10
    a CLUSTER GETKEYSINSLOT 1 -1
    a CLUSTER GETKEYSINSLOT 16384 1
    a CLUSTER GETKEYSINSLOT a 1
    a CLUSTER GETKEYSINSLOT 1 b
    a CLUSTER FORGET abc
    a CLUSTER FORGET 0123456789012345678901234567890123456789
    a CLUSTER FORGET <A>
    a CLUSTER RESET foo
    a CLUSTER RESET soft hard
    a CLUSTER SAVECONFIG
    a CLUSTER COUNT-FAILURE-REPORTS abc
    a CLUSTER COUNT-FAILURE-REPORTS <A>
    a CLUSTER REPLICAS abc
    a CLUSTER REPLICAS <A>
    a CLUSTER SLAVES <A>
    a CLUSTER REPLICATE abc
    a CLUSTER REPLICATE <A>
    a CLUSTER FAILOVER
    a CLUSTER FAILOVER force
    a CLUSTER FAILOVER foo
    a CLUSTER FAILOVER force takeover
    a READONLY
    a READWRITE
    a ASKING
    a SELECT 1
    a SWAPDB 0 1
    a GET foo
    a MSET a 1 b 2`,
  'one node: epochs and moves': `
    a CLUSTER SET-CONFIG-EPOCH -1
    a CLUSTER SET-CONFIG-EPOCH a
    a CLUSTER SET-CONFIG-EPOCH 5
    a CLUSTER SET-CONFIG-EPOCH 6
    a CLUSTER BUMPEPOCH
    a CLUSTER ADDSLOTS 1
    a CLUSTER SETSLOT 1
    a CLUSTER SETSLOT 1 STABLE
    a CLUSTER SETSLOT a STABLE
    a CLUSTER SETSLOT 99999 STABLE
    a CLUSTER SETSLOT 1 STABLE x
    a CLUSTER SETSLOT 1 MIGRATING
    a CLUSTER SETSLOT 2 MIGRATING abc
    a CLUSTER SETSLOT 1 MIGRATING abc
    a CLUSTER SETSLOT 1 IMPORTING abc
    a CLUSTER SETSLOT 2 IMPORTING abc
    a CLUSTER SETSLOT 1 NODE abc
    a CLUSTER SETSLOT 1 NODE
    a CLUSTER SETSLOT 1 FOO
    a CLUSTER SETSLOT 1 MIGRATING <A>
    a CLUSTER NODES
    a CLUSTER SETSLOT 1 STABLE
    a CLUSTER SETSLOT 2 IMPORTING <A>
    a CLUSTER SETSLOT 2 NODE <A>
    a CLUSTER NODES
    a CLUSTER RESET HARD
    names
    a CLUSTER NODES
    a CLUSTER BUMPEPOCH
    a CLUSTER BUMPEPOCH
    a CLUSTER RESET
    a CLUSTER BUMPEPOCH
    a CLUSTER RESET hard
    names`,
  'two nodes: redirections and moves': `
    a CLUSTER SET-CONFIG-EPOCH 1
    b CLUSTER SET-CONFIG-EPOCH 2
    a CLUSTER ADDSLOTSRANGE 0 8000
    b CLUSTER ADDSLOTSRANGE 8001 16383
    a CLUSTER MEET 127.0.0.1 <b>
    wait
    a CLUSTER SET-CONFIG-EPOCH 3
    a CLUSTER ADDSLOTS 9000
    a CLUSTER NODES
    b CLUSTER NODES
    a CLUSTER SLOTS
    a GET foo
    b GET foo
    a GET b
    b GET b
    a MGET a b
    b MGET a b
    a MGET b {b}1
    b MGET b {b}1
    a SET b 1
    a CLUSTER COUNTKEYSINSLOT 3300
    a CLUSTER GETKEYSINSLOT 3300 10
    a CLUSTER GETKEYSINSLOT 3300 0
    a CLUSTER SETSLOT 3300 MIGRATING <A>
    a CLUSTER SETSLOT 3300 MIGRATING <B>
    b CLUSTER SETSLOT 3300 MIGRATING <A>
    b CLUSTER SETSLOT 9000 IMPORTING <A>
    b CLUSTER SETSLOT 3300 IMPORTING <A>
    a CLUSTER NODES
    b CLUSTER NODES
    a GET b
    a GET {b}1
    a MGET b {b}1
    a MGET {b}1 {b}2
    a MSET {b}1 1 {b}2 2
    a DEL {b}1
    b GET b
    b ASKING
    b GET b
    b GET b
    b ASKING
    b SET {b}1 x
    b ASKING
    b MGET {b}1 {b}2
    b ASKING
    b MGET {b}1 {b}1
    b ASKING
    b PING
    b GET {b}1
    a MULTI
    a GET b
    a GET {b}1
    a EXEC
    a MULTI
    a SET b 1
    a GET a
    a EXEC
    a MULTI
    a GET b
    a GET 2b
    a EXEC
    a EXEC
    a WATCH b a
    a UNWATCH
    a CLUSTER SETSLOT 3300 NODE <B>
    a DEL b
    a CLUSTER SETSLOT 3300 NODE <B>
    b CLUSTER SETSLOT 3300 NODE <B>
    wait
    b CLUSTER NODES
    a CLUSTER NODES
    a GET b
    b GET {b}1
    a SET c 1
    a CLUSTER FLUSHSLOTS
    a CLUSTER RESET
    a CLUSTER REPLICAS <B>
    a CLUSTER COUNT-FAILURE-REPORTS <B>
    a CONFIG SET cluster-announce-hostname a.example
    wait
    b CLUSTER NODES
    b CLUSTER SLOTS
    b CLUSTER SHARDS
    b CONFIG SET cluster-preferred-endpoint-type hostname
    b CLUSTER SLOTS
    b CLUSTER SHARDS
    b GET c
    b CONFIG SET cluster-preferred-endpoint-type unknown-endpoint
    b CLUSTER SLOTS
    b CLUSTER SHARDS
    b GET c
    b CONFIG SET cluster-preferred-endpoint-type ip
    b CLUSTER FORGET <A>
    b CLUSTER NODES
    b CLUSTER SLOTS
    a CLUSTER FORGET <B>
    a CLUSTER NODES`,
};

describeWith(['redis-server'], 'CLUSTER: the replies of redis-server 7', () => {
  for (const [name, session] of Object.entries(sessions)) {
    for (const protocol of ['2', '3']) {
      test(`${name}, RESP${protocol}`, { timeout: 60_000 }, async () => {
        const duos = [await Duo.start(), await Duo.start(['redis-server'])];
        try {
          const [ours, theirs] = duos as [Duo, Duo];
          for (const node of ['a', 'b'] as const) await both(ours, theirs, node, ['HELLO', protocol]);
          for (const line of session.trim().split('\n')) {
            const [node, ...words] = line.trim().split(' ');
            if (node === 'wait') await settled(duos);
            else if (node === 'names') await Promise.all(duos.map((duo) => duo.learnNames()));
            else {
              const [our, their] = await both(ours, theirs, node as 'a' | 'b', words);
              expect([line.trim(), our]).toEqual([line.trim(), their]);
            }
          }
        } finally {
          await Promise.all(duos.map((duo) => duo.remove()));
        }
      });
    }
  }
});

function both(ours: Duo, theirs: Duo, node: 'a' | 'b', words: readonly string[]): Promise<[unknown, unknown]> {
  return Promise.all([ours.ask(node, words), theirs.ask(node, words)]);
}

/** Both nodes of each kind see the cluster as up and have told each other what is new. */
async function settled(duos: readonly Duo[]): Promise<void> {
  for (const duo of duos) {
    for (const node of ['a', 'b'] as const) {
      const deadline = performance.now() + 10_000;
      while (!/cluster_state:ok.*known_nodes:2/.test(JSON.stringify(await duo.ask(node, ['CLUSTER', 'INFO'])))) {
        if (performance.now() > deadline) throw new Error(`${node} is not up`);
        await sleep(50);
      }
    }
  }
  // Redis tells of slots with the next ping, once a second.
  await sleep(2_500);
}
