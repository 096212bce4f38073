import { describeNodes, type NodeId, type OperatorCommand } from '@kvartz/cluster';
import { ClusterSim } from './cluster-sim.ts';
import { allCheckers } from './scenario.ts';
import { simBusPort, type SimNode, simPort } from './sim-world.ts';

/**
 * Plays a story: a text of blocks, each a command, `----`, and what it is expected to print.
 *
 *   # Three masters, one dies.
 *   cluster nodes=3
 *   ----
 *
 *   crash n2
 *   run 3000
 *   ----
 *     3100 n0 fail n2: ...
 *
 * Returns the text with what really came out, so that a test compares two texts and a changed story is one file to read.
 * Node ids are replaced by names. Commands: cluster, start, run, crash, powerOff, restart, pause, resume, cut, cutOneWay,
 * heal, nodes, state, epochs, and the operator's: meet, addSlots, delSlots, bumpEpoch, forget, reset, import, migrate, assign.
 */
export async function playStory(text: string): Promise<string> {
  const player = new StoryPlayer();
  const blocks: string[] = [];
  for (const block of text.trimEnd().split(/\n\n+/)) blocks.push(await player.play(block));
  return `${blocks.join('\n\n')}\n`;
}

class StoryPlayer {
  #sim: ClusterSim | undefined;
  #lines: string[] = [];

  async play(block: string): Promise<string> {
    const lines = block.split('\n');
    const end = lines.indexOf('----');
    const script = end < 0 ? lines : lines.slice(0, end);
    if (script.every((line) => line.startsWith('#'))) return block;
    this.#lines = [];
    for (const line of script) if (!line.startsWith('#')) await this.#perform(line.trim().split(/\s+/));
    return [...script, '----', ...this.#lines].join('\n');
  }

  get #world(): ClusterSim {
    if (this.#sim === undefined) throw new Error('a story begins with `cluster` or `start`');
    return this.#sim;
  }

  async #perform([verb, ...words]: string[]): Promise<void> {
    const one = (): SimNode => this.#node(words[0]);
    switch (verb) {
      case 'cluster':
        this.#begin(words);
        await this.#world.create();
        // How a cluster comes about is a story of its own.
        this.#lines = [];
        return;
      case 'start':
        this.#begin(words);
        for (const node of this.#world.nodes) await node.start();
        return;
      case 'run':
        return this.#world.run(Number(words[0]));
      case 'crash':
        return one().crash();
      case 'powerOff':
        return one().powerOff();
      case 'restart':
        one().powerOn();
        return one().start();
      case 'pause':
        return one().pause();
      case 'resume':
        return one().resume();
      case 'cut':
      case 'cutOneWay': {
        const bar = words.indexOf('|');
        const [side, others] = [words.slice(0, bar), words.slice(bar + 1)].map((names) =>
          names.map((n) => this.#node(n)),
        );
        return this.#world.world.cut(side, others, verb === 'cutOneWay');
      }
      case 'heal':
        return this.#world.world.heal();
      case 'nodes':
        return this.#print(this.#nodesOf(one()));
      case 'state':
        return this.#print(this.#world.describe().split('\n').slice(1).join('\n'));
      default:
        return this.#operate(verb, words);
    }
  }

  #begin(words: readonly string[]): void {
    const options = new Map(words.map((word) => word.split('=') as [string, string]));
    const number = (name: string, usual: number): number => Number(options.get(name) ?? usual);
    this.#sim = new ClusterSim({
      seed: number('seed', 1),
      nodes: number('nodes', 3),
      masters: number('masters', number('nodes', 3)),
      nodeTimeoutMs: number('timeout', 2_000),
      requireFullCoverage: options.get('coverage') !== 'no',
      checkers: allCheckers(),
      trace: (line) => this.#print(line),
    });
  }

  #operate(verb: string, [name, ...words]: readonly string[]): void {
    const error = this.#node(name).command(this.#commandOf(verb, words));
    if (error !== undefined) this.#print(error);
  }

  #commandOf(verb: string, words: readonly string[]): OperatorCommand {
    switch (verb) {
      case 'meet':
        return { name: 'meet', host: this.#node(words[0]).host, port: simPort, busPort: simBusPort };
      case 'addSlots':
      case 'delSlots': {
        const [first, last = first] = words[0].split('-').map(Number);
        return { name: verb, slots: Array.from({ length: last - first + 1 }, (_, i) => first + i) };
      }
      case 'bumpEpoch':
      case 'flushSlots':
        return { name: verb };
      case 'forget':
        return { name: 'forget', id: this.#idOf(words[0]) };
      case 'reset':
        return { name: 'reset', isHard: words[0] === 'hard' };
      case 'setConfigEpoch':
        return { name: 'setConfigEpoch', epoch: Number(words[0]) };
      case 'import':
        return { name: 'setSlotImporting', slot: Number(words[0]), id: this.#idOf(words[1]) };
      case 'migrate':
        return { name: 'setSlotMigrating', slot: Number(words[0]), id: this.#idOf(words[1]) };
      case 'assign':
        return { name: 'setSlotNode', slot: Number(words[0]), id: this.#idOf(words[1]), keysInSlot: 0 };
      default:
        throw new Error(`a story knows no command '${verb}'`);
    }
  }

  #node(name: string): SimNode {
    const node = this.#world.nodes.find((one) => one.name === name);
    if (node === undefined) throw new Error(`no node ${name} in this story`);
    return node;
  }

  #idOf(name: string): NodeId {
    const id = this.#node(name).core?.config.myId;
    if (id === undefined) throw new Error(`${name} is down`);
    return id;
  }

  #nodesOf(node: SimNode): string {
    const { core } = node;
    if (core === undefined) return `${node.name} is down`;
    const factsOf = (id: NodeId) => ({ pingSentMs: 0, pongReceivedMs: 0, isConnected: core.peer(id)?.isUp === true });
    return describeNodes(core.config, factsOf, []).trimEnd();
  }

  readonly #names = new Map<NodeId, string>();

  /** With names for ids. */
  #print(text: string): void {
    for (const { name, core } of this.#world.nodes) if (core !== undefined) this.#names.set(core.config.myId, name);
    this.#lines.push(...text.replaceAll(/[0-9a-f]{40}/g, (id) => this.#names.get(id) ?? '<id>').split('\n'));
  }
}
