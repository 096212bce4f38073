import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A change of an AOF, as a server would leave it that does not do what it says. */
export type Lie = (commands: readonly Buffer[]) => readonly Buffer[];

/** Acknowledged first, written later: what came last is not there. */
export const acknowledgesBeforeWriting: Lie = (commands) => commands.slice(0, -100);

/** One write is lost, those after it are not. */
export const losesOne: Lie = (commands) => without(commands, lastIndex(commands, 'RPUSH'));

/** Half of a transaction is written. */
export const tearsTransaction: Lie = (commands) => {
  const exec = lastIndex(commands, 'EXEC');
  return [...commands.slice(0, exec - 1), commands[exec]!, ...commands.slice(exec + 1)];
};

/** The writes of one client overtake those of another. */
export const reordersClients: Lie = (commands) => {
  const from = Math.max(0, commands.length - 3000);
  const isOfFirst = (command: Buffer): boolean => command.includes('\r\nw0:');
  const tail = commands.slice(from);
  const [first, others] = [tail.filter(isOfFirst), tail.filter((command) => !isOfFirst(command))];
  return [...commands.slice(0, from), ...first, ...others.slice(0, -1500)];
};

/** Tells the lie about the newest increment of the AOF in the folder. */
export function tell(lie: Lie, folder: string): void {
  const name = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.incr.aof'))
    .toSorted((a, b) => statSync(join(folder, a)).mtimeMs - statSync(join(folder, b)).mtimeMs)
    .at(-1);
  if (name === undefined) throw new Error(`no AOF in ${folder}`);
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(lie(commandsOf(readFileSync(path)))));
}

/** The complete commands. */
function commandsOf(file: Buffer): Buffer[] {
  const commands: Buffer[] = [];
  let start = 0;
  for (;;) {
    const end = endOfCommand(file, start);
    if (end === undefined) return commands;
    commands.push(file.subarray(start, end));
    start = end;
  }
}

function endOfCommand(file: Buffer, start: number): number | undefined {
  const number = (at: number): number => Number(file.toString('latin1', at + 1, file.indexOf('\r\n', at)));
  const afterLine = (at: number): number => file.indexOf('\r\n', at) + 2;
  if (start >= file.length || afterLine(start) < 2) return undefined;
  let at = afterLine(start);
  for (let i = number(start); i > 0; i--) {
    if (at >= file.length || afterLine(at) < 2) return undefined;
    at = afterLine(at) + number(at) + 2;
  }
  return at > file.length ? undefined : at;
}

function lastIndex(commands: readonly Buffer[], name: string): number {
  const index = commands.findLastIndex((command) => command.includes(`\r\n${name}\r\n`));
  if (index < 0) throw new Error(`no ${name} in the AOF`);
  return index;
}

function without(commands: readonly Buffer[], index: number): Buffer[] {
  return commands.filter((_, i) => i !== index);
}
