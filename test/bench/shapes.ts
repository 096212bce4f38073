/** One thing that is measured. The targets are those that Kvartz has set itself, as ratios to the baseline in the same run. */
export interface Shape {
  readonly name: string;
  /** For `--only`. */
  readonly command: string;
  readonly pipeline: number;
  /** 0 where there is no choice of sizes. */
  readonly valueBytes: number;
  /** Different keys, fields or members, at most. */
  readonly keysMax: number;
  /** Options of redis-benchmark that say what is sent; its own command last. */
  readonly benchmark: (keys: number) => readonly string[];
  /** In place of redis-benchmark. */
  readonly own?: OwnLoad;
  readonly target: Target;
  /** Before the first run; absent: the keys of `keysMax` have to be there, with values of `valueBytes`. */
  readonly prepare?: ((port: number) => Promise<void>) | undefined;
  /** Before each run of so many operations. */
  readonly beforeRun?: ((port: number, operations: number) => Promise<void>) | undefined;
}

/** A load that this process makes itself, where redis-benchmark has none like it. */
export interface OwnLoad {
  /** Operations of the first, short run. */
  readonly firstOperations: number;
  /** Connects to the server; that is not measured. */
  open(port: number): Promise<OpenLoad>;
}

export interface OpenLoad {
  run(operations: number): Promise<void>;
  close(): Promise<void>;
}

/** Shapes of strings: a command, a pipeline depth and a value size. */
export const commandNames = ['set', 'get', 'incr', 'mset'] as const;
export type CommandName = (typeof commandNames)[number];

export const pipelines = [1, 16, 64] as const;
export const valueSizes = [3, 64, 1024, 65_536] as const;

/** From this size on a value counts as large: moving its bytes costs more than the command around them. */
const largeValueBytes = 65_536;

export interface Target {
  readonly metric: 'cpuPerOperation' | 'throughput';
  /** Bound on Kvartz divided by baseline: at most for CPU per operation, at least for throughput. */
  readonly ratio: number;
}

interface StringShape {
  readonly command: CommandName;
  readonly pipeline: number;
  readonly valueBytes: number;
}

export function targetOf(shape: StringShape): Target {
  // Without a pipeline redis-benchmark is slower than either server, so throughput would compare it with itself.
  if (shape.pipeline === 1 && shape.valueBytes < largeValueBytes) return { metric: 'cpuPerOperation', ratio: 1.05 };
  if (shape.valueBytes >= largeValueBytes) return { metric: 'throughput', ratio: 0.9 };
  return { metric: 'throughput', ratio: shape.pipeline >= 64 ? 1.5 : 1.25 };
}

export function meets(target: Target, ratio: number): boolean {
  return target.metric === 'throughput' ? ratio >= target.ratio : ratio <= target.ratio;
}

/** Number of keys that a run touches: a million small ones, fewer large ones, so that memory stays below a gigabyte. */
function keyspaceOf(valueBytes: number): number {
  if (valueBytes <= 64) return 1_000_000;
  return valueBytes <= 1024 ? 200_000 : 2_000;
}

/**
 * Every shape worth its time. INCR carries no value; 50 connections with 64 large values each in flight would measure the
 * allocation of 200 MB of socket buffers, and so would pipelined MSETs of ten large values.
 */
export function stringShapes(): Shape[] {
  const shapes: Shape[] = [];
  for (const valueBytes of valueSizes) {
    for (const command of commandNames) {
      for (const pipeline of pipelines) {
        if (command === 'incr' && valueBytes !== valueSizes[0]) continue;
        if (valueBytes >= largeValueBytes && pipeline > (command === 'mset' ? 1 : 16)) continue;
        const keysMax = keyspaceOf(valueBytes);
        shapes.push({
          name: nameOf({ command, pipeline, valueBytes }),
          command,
          pipeline,
          valueBytes,
          keysMax,
          benchmark: (keys) => ['-t', command, '-d', String(valueBytes), '-r', String(keys)],
          target: targetOf({ command, pipeline, valueBytes }),
        });
      }
    }
  }
  return shapes;
}

function nameOf(shape: StringShape): string {
  const value = shape.command === 'incr' ? '' : ` ${shape.valueBytes} B`;
  return `${shape.command.toUpperCase()}${value} P${shape.pipeline}`;
}
