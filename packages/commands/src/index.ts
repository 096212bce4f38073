export { bigIntegerAt, INT64_MAX, INT64_MIN, integerAt, isKeyword, lengthAt, textAt } from './arguments.ts';
export { bitmapCommands } from './bitmaps.ts';
export type { CommandContext, EffectPart } from './context.ts';
export { dataCommands } from './data-commands.ts';
export {
  DB_OUT_OF_RANGE,
  invalidExpireTime,
  NO_SUCH_KEY,
  NOT_FLOAT,
  NOT_INT32,
  NOT_INTEGER,
  OUT_OF_MEMORY,
  SAME_OBJECT,
  STRING_TOO_LONG,
  SYNTAX_ERROR,
  unsupportedOption,
  wrongArity,
  wrongSubcommandArity,
  WRONGTYPE,
} from './errors.ts';
export { expiryCommands } from './expiry.ts';
export { findKeys, findKeysAndFlags, type FindKeysOptions, INVALID_KEYS, KeyPositions } from './find-keys.ts';
export { CommandFlag, type CommandFlagName } from './flags.ts';
export { matchGlob } from './glob.ts';
export { EventClass, type KeyEvent, KeyEvents } from './key-events.ts';
export { databaseCommands, keyCommands } from './keys.ts';
export { encodingName, typeName } from './keys/names.ts';
export { keyToInspect, keyToRead, REFUSED, stringToRead, stringToWrite, typedToRead, typedToWrite } from './lookup.ts';
export {
  allCommandFacts,
  type ArgumentSpec,
  type CommandFacts,
  type CommandRow,
  type CommandSpec,
  defineCommands,
  type KeySpec,
} from './spec.ts';
export { stringCommands } from './strings.ts';
