import { RdbBytes } from './rdb-bytes.ts';
import type { RdbInput } from './rdb-input.ts';

/** What stands before each value of a module's data. */
const ModuleOpcode = { eof: 0, signed: 1, unsigned: 2, float: 3, double: 4, string: 5 } as const;
const nameAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const nameLength = 9;

/** The name in the ID of a module's type that was read last: nine characters of 6 bits above 10 bits of version. */
export function moduleNameOf(input: RdbInput): string {
  let rest = ((BigInt(input.high) << 32n) | BigInt(input.low)) >> 10n;
  let name = '';
  for (let i = 0; i < nameLength; i++, rest >>= 6n) name = nameAlphabet[Number(rest & 63n)] + name;
  return name;
}

const passed = new RdbBytes();

/** Passes over one value of a module's data. -1: bytes are missing; 1: that was the end. */
export function skipModuleValue(input: RdbInput): -1 | 0 | 1 {
  const opcode = input.length();
  switch (opcode) {
    case -1:
      return -1;
    case ModuleOpcode.eof:
      return 1;
    case ModuleOpcode.signed:
    case ModuleOpcode.unsigned:
      return input.length() < 0 ? -1 : 0;
    case ModuleOpcode.float:
    case ModuleOpcode.double: {
      const sizeBytes = opcode === ModuleOpcode.float ? 4 : 8;
      if (!input.has(sizeBytes)) return -1;
      input.at += sizeBytes;
      return 0;
    }
    case ModuleOpcode.string:
      return input.string(passed) ? 0 : -1;
    default:
      throw input.error('a value of a module', `opcode ${opcode}`);
  }
}
