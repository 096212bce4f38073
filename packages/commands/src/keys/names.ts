import { Encoding, ValueType } from '@kvartz/engine';

/** The engine calls types and encodings as Redis does. */
const typeNames = new Map<number, string>(Object.entries(ValueType).map(([name, value]) => [value, name]));
const encodingNames = new Map<number, string>(Object.entries(Encoding).map(([name, value]) => [value, name]));
encodingNames.set(Encoding.hashtableex, 'hashtable');

/** As TYPE and SCAN ... TYPE say it. */
export function typeName(type: ValueType): string {
  return typeNames.get(type)!;
}

/** As OBJECT ENCODING says it. */
export function encodingName(encoding: Encoding): string {
  return encodingNames.get(encoding)!;
}
