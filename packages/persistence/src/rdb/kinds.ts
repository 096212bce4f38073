import { RdbType } from './format.ts';

/** Whether a packed hash has a time behind each value. */
export function isTimedPack(type: RdbType): boolean {
  return type === RdbType.hashListpackEx || type === RdbType.hashListpackExPreGa;
}

export function isStream(type: RdbType): boolean {
  return type === RdbType.stream || type === RdbType.stream2 || type === RdbType.stream3;
}

export type RdbKind = 'string' | 'list' | 'set' | 'zset' | 'hash' | 'stream' | 'module';

/** What a type is, whatever its encoding. */
export function kindOf(type: RdbType): RdbKind {
  switch (type) {
    case RdbType.string:
      return 'string';
    case RdbType.list:
    case RdbType.listZiplist:
    case RdbType.listQuicklist:
    case RdbType.listQuicklist2:
      return 'list';
    case RdbType.set:
    case RdbType.setIntset:
    case RdbType.setListpack:
      return 'set';
    case RdbType.zset:
    case RdbType.zsetText:
    case RdbType.zsetZiplist:
    case RdbType.zsetListpack:
      return 'zset';
    case RdbType.stream:
    case RdbType.stream2:
    case RdbType.stream3:
      return 'stream';
    case RdbType.module:
    case RdbType.modulePreGa:
      return 'module';
    default:
      return 'hash';
  }
}
