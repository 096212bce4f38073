import type { ClusterConfig, ClusterCore, EventName, Message, NodeId, OperatorCommand } from '@kvartz/cluster';

export const simPort = 7_000;
export const simBusPort = 17_000;

export interface SimWorldOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly nodeTimeoutMs: number;
  readonly requireFullCoverage: boolean;
  /** Sees everything that happens, in order. */
  readonly watcher: SimWatcher;
}

export interface SimWatcher {
  /** A process has taken up what it found on its disk. */
  started(node: SimNode): void;
  event(
    node: SimNode,
    event: { readonly name: EventName; readonly about: NodeId | undefined; readonly text: string },
  ): void;
  /** The message has arrived; whoever sent it may be gone. */
  message(to: SimNode, message: Message): void;
}

/** How messages travel between all pairs of nodes. */
export interface NetworkWeather {
  readonly latencyMs: readonly [min: number, max: number];
  /** Probability that a message is lost: silently, or as a retransmission that takes its time, as the world has it. */
  readonly lossRatio: number;
  /** Probability that a message breaks its connection. */
  readonly resetRatio: number;
}

export const fairWeather: NetworkWeather = { latencyMs: [0.1, 0.5], lossRatio: 0, resetRatio: 0 };

/** One simulated node: a machine with a disk, and sometimes a process on it. */
export interface SimNode {
  /** `n0`, `n1`, ... for people. */
  readonly name: string;
  /** Address of the machine. */
  readonly host: string;
  /** Undefined while no process runs. */
  readonly core: ClusterCore | undefined;
  readonly isPaused: boolean;
  /** Bytes that the process has sent; 0 where the world sends no bytes. */
  readonly sentBytes: number;
  /** Puts a nodes.conf on the disk, while no process runs. */
  install(config: ClusterConfig): Promise<void>;
  /** Starts a process, which takes up what it finds on the disk. Settles when the bus is open, or the start has failed. */
  start(): Promise<void>;
  /** kill -9. */
  crash(): void;
  /** The machine loses power, and its disk what was not synced. */
  powerOff(): void;
  /** The machine comes back, without a process. */
  powerOn(): void;
  /** SIGSTOP and SIGCONT. */
  pause(): void;
  resume(): void;
  /** Moves the disk to another machine, while no process runs. */
  moveTo(host: string): Promise<void>;
  /** The text of the error, or undefined. */
  command(command: OperatorCommand): string | undefined;
}

/**
 * Where a simulated cluster lives. There are two: ShellWorld runs the shipping bus over virtual machines, bytes and disks;
 * CoreWorld runs the cores alone over messages, ten times as fast.
 */
export interface SimWorld {
  readonly nowMs: number;
  readonly nodes: readonly SimNode[];
  run(ms: number): Promise<void>;
  /** Runs until it settles. */
  complete<T>(promise: Promise<T>): Promise<T>;
  setWeather(weather: NetworkWeather): void;
  /** Nothing gets through from one side to the other, and the other way unless `isOneWay`. */
  cut(side: readonly SimNode[], others: readonly SimNode[], isOneWay: boolean): void;
  heal(): void;
  resetConnections(a: SimNode, b: SimNode): void;
}
