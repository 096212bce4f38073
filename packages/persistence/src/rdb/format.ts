/*
 * An RDB file:
 *
 *   REDIS <version, four digits> | item ... | 0xFF | CRC-64 of all before it (from version 5 on; 0: none)
 *
 * An item is an opcode with what it says, or: type, key, value.
 *
 * Lengths:   00xxxxxx                    6 bits
 *            01xxxxxx xxxxxxxx           14 bits
 *            0x80, 0x81                  32 or 64 bits follow, the highest byte first
 * Strings:   length, bytes
 *            0xC0, 0xC1, 0xC2            an integer of 8, 16 or 32 bits follows, the lowest byte first
 *            0xC3                        LZF: compressed length, length, compressed bytes
 *
 * Source: https://rdb.fnordig.de/file_format.html and the files that redis-server writes.
 */

/** Types of values; what follows the key of each is in the parser. */
export const RdbType = {
  string: 0,
  list: 1,
  set: 2,
  zsetText: 3,
  hash: 4,
  zset: 5,
  modulePreGa: 6,
  module: 7,
  hashZipmap: 9,
  listZiplist: 10,
  setIntset: 11,
  zsetZiplist: 12,
  hashZiplist: 13,
  listQuicklist: 14,
  stream: 15,
  hashListpack: 16,
  zsetListpack: 17,
  listQuicklist2: 18,
  stream2: 19,
  setListpack: 20,
  stream3: 21,
  hashTimedPreGa: 22,
  hashListpackExPreGa: 23,
  hashTimed: 24,
  hashListpackEx: 25,
} as const;
export type RdbType = (typeof RdbType)[keyof typeof RdbType];

export const Opcode = {
  slotInfo: 244,
  function: 245,
  functionPreGa: 246,
  moduleAux: 247,
  idle: 248,
  freq: 249,
  aux: 250,
  resizeDb: 251,
  expireMs: 252,
  expireSeconds: 253,
  selectDb: 254,
  eof: 255,
} as const;

/** Versions that can be written: of Redis 5 and 6, 7.0, 7.2, 7.4. All from 1 on can be read. */
export type RdbVersion = 9 | 10 | 11 | 12;
export const rdbVersionMax = 12;
/** Redis 7.0 and all that came after it load this one. */
export const defaultRdbVersion: RdbVersion = 10;

/** In front of a length of 32 or 64 bits. */
export const length32 = 0x80;
export const length64 = 0x81;
/** First bytes of strings that are not `length, bytes`. */
export const StringForm = { int8: 0xc0, int16: 0xc1, int32: 0xc2, lzf: 0xc3 } as const;
/** The first versions with listpacks, and with listpacks of sets. */
export const listpackVersion = 10;
export const setListpackVersion = 11;

/** A node of a quicklist. */
export const QuicklistNode = { plain: 1, packed: 2 } as const;
