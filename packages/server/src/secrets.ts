import { isKeyword, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import { findDirective } from './config/registry.ts';

/** Indexes of the arguments that no log may show: passwords, and the users they belong to. */
export function secretArguments(command: string, args: Args): readonly number[] {
  const secrets: number[] = [];
  switch (command) {
    case 'auth':
      for (let i = 1; i < args.count; i++) secrets.push(i);
      break;
    case 'hello':
      for (let i = 2; i < args.count; i++) if (isKeyword(args, i, 'auth')) secrets.push(i + 1, i + 2);
      break;
    case 'config|set':
      for (let i = 2; i < args.count; i += 2) {
        if (findDirective(textAt(args, i))?.isSensitive === true) secrets.push(i + 1);
      }
      break;
    default:
  }
  return secrets;
}
