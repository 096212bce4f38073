import { textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { CommandTable } from '../../table.ts';
import type { Spec } from './facts.ts';

/** The command that argument `i` names: `get`, or `config|get` for a subcommand, in any case of letters. */
export function findSpec(table: CommandTable, args: Args, i: number): Spec | undefined {
  return table.get(textAt(args, i).toLowerCase())?.spec;
}
