/** What a client is told of its mistakes: code and text, byte for byte as Redis 7.0 has them. */

export const WRONGTYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

export const SYNTAX_ERROR = 'ERR syntax error';
export const NO_SUCH_KEY = 'ERR no such key';
export const SAME_OBJECT = 'ERR source and destination objects are the same';
export const BUSY_KEY = 'BUSYKEY Target key name already exists.';
export const BAD_PAYLOAD = 'ERR DUMP payload version or checksum are wrong';
export const BAD_DATA_FORMAT = 'ERR Bad data format';
export const INVALID_TTL = 'ERR Invalid TTL value, must be >= 0';
export const INVALID_IDLETIME = 'ERR Invalid IDLETIME value, must be >= 0';
export const INVALID_FREQ = 'ERR Invalid FREQ value, must be >= 0 and <= 255';
export const DB_OUT_OF_RANGE = 'ERR DB index is out of range';

export const NOT_INTEGER = 'ERR value is not an integer or out of range';
/** For arguments that Redis reads as a C int. */
export const NOT_INT32 = 'ERR value is out of range, value must between -2147483648 and 2147483647';
export const NOT_POSITIVE = 'ERR value is out of range, must be positive';
/** The one negative number that has no positive counterpart. */
export const NOT_NEGATABLE =
  'ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807';
export const NUMKEYS_NOT_POSITIVE = 'ERR numkeys should be greater than 0';
export const MORE_KEYS_THAN_ARGS = "ERR Number of keys can't be greater than number of args";
export const LIMIT_NEGATIVE = "ERR LIMIT can't be negative";
export const NOT_FLOAT = 'ERR value is not a valid float';
export const NAN_OR_INFINITY = 'ERR increment would produce NaN or Infinity';
export const HASH_VALUE_NOT_INTEGER = 'ERR hash value is not an integer';
export const HASH_VALUE_NOT_FLOAT = 'ERR hash value is not a float';
export const INCREMENT_INFINITE = 'ERR value is NaN or Infinity';
export const OUT_OF_RANGE = 'ERR value is out of range';
export const INCREMENT_OVERFLOW = 'ERR increment or decrement would overflow';
export const DECREMENT_OVERFLOW = 'ERR decrement would overflow';

export const OFFSET_OUT_OF_RANGE = 'ERR offset is out of range';
export const STRING_TOO_LONG = 'ERR string exceeds maximum allowed size (proto-max-bulk-len)';
export const BIT_OFFSET_OUT_OF_RANGE = 'ERR bit offset is not an integer or out of range';
export const BIT_OUT_OF_RANGE = 'ERR bit is not an integer or out of range';
export const BIT_MUST_BE_1_OR_0 = 'ERR The bit argument must be 1 or 0.';
export const BITOP_NOT_TAKES_ONE_KEY = 'ERR BITOP NOT must be called with a single source key.';
export const INVALID_BITFIELD_TYPE =
  'ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.';
export const INVALID_OVERFLOW_TYPE = 'ERR Invalid OVERFLOW type specified';
export const BITFIELD_RO_ONLY_GET = 'ERR BITFIELD_RO only supports the GET subcommand';

export const LCS_NOT_STRINGS = 'ERR The specified keys must contain string values';
export const LCS_LEN_AND_IDX = 'ERR If you want both the length and indexes, please just use IDX.';
export const LCS_NO_MEMORY = 'ERR Insufficient memory, failed allocating transient memory for LCS';
export const LCS_TOO_LARGE = 'ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len';

export const INDEX_OUT_OF_RANGE = 'ERR index out of range';
export const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end " +
  'of the list';
export const COUNT_NEGATIVE = "ERR COUNT can't be negative";
export const MAXLEN_NEGATIVE = "ERR MAXLEN can't be negative";
export const NOT_HYPERLOGLOG = 'WRONGTYPE Key is not a valid HyperLogLog string value.';
export const CORRUPTED_HYPERLOGLOG = 'INVALIDOBJ Corrupted HLL object detected';
export const HYPERLOGLOG_NOT_SPARSE = 'ERR HLL encoding is not sparse';
export const PFDEBUG_NO_KEY = 'ERR The specified key does not exist';

export const GEO_UNIT = 'ERR unsupported unit provided. please use M, KM, FT, MI';
export const GEO_RADIUS = 'ERR need numeric radius';
export const GEO_NEGATIVE_RADIUS = 'ERR radius cannot be negative';
export const GEO_WIDTH = 'ERR need numeric width';
export const GEO_HEIGHT = 'ERR need numeric height';
export const GEO_NEGATIVE_BOX = 'ERR height or width cannot be negative';
export const GEO_NO_MEMBER = 'ERR could not decode requested zset member';
export const GEO_COUNT = 'ERR COUNT must be > 0';
export const GEO_ANY = 'ERR the ANY argument requires COUNT argument';
export const GEO_STORE_WITH =
  'ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options';
export const GEO_SEARCHSTORE_WITH =
  'ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options';

export const SORT_NOT_NUMBERS = "ERR One or more scores can't be converted into double";
export const SORT_BY_IN_CLUSTER = 'ERR BY option of SORT denied in Cluster mode.';
export const SORT_GET_IN_CLUSTER = 'ERR GET option of SORT denied in Cluster mode.';

export const INVALID_CURSOR = 'ERR invalid cursor';
export const INVALID_FIRST_DB = 'ERR invalid first DB index';
export const INVALID_SECOND_DB = 'ERR invalid second DB index';
export const COPY_IN_CLUSTER = 'ERR Copying to another database is not allowed in cluster mode';
export const MOVE_IN_CLUSTER = 'ERR MOVE is not allowed in cluster mode';
export const SWAPDB_IN_CLUSTER = 'ERR SWAPDB is not allowed in cluster mode';

export const COUNT_NOT_POSITIVE = 'ERR count should be greater than 0';
export const TIMEOUT_NOT_FLOAT = 'ERR timeout is not a float or out of range';
export const TIMEOUT_NEGATIVE = 'ERR timeout is negative';

export const INVALID_STREAM_ID = 'ERR Invalid stream ID specified as stream command argument';
export const INVALID_STREAM_START = 'ERR invalid start ID for the interval';
export const INVALID_STREAM_END = 'ERR invalid end ID for the interval';
export const STREAM_ID_ZERO = 'ERR The ID specified in XADD must be greater than 0-0';
export const STREAM_ID_NOT_ABOVE_LAST =
  'ERR The ID specified in XADD is equal or smaller than the target stream top item';
export const STREAM_EXHAUSTED = 'ERR The stream has exhausted the last possible ID, unable to add more items';
export const STREAM_ENTRY_TOO_LARGE = 'ERR Elements are too large to be stored';
export const TRIM_MAXLEN_NEGATIVE = 'ERR The MAXLEN argument must be >= 0.';
export const TRIM_LIMIT_NEGATIVE = 'ERR The LIMIT argument must be >= 0.';
export const TRIM_MAXLEN_AND_MINID = 'ERR syntax error, MAXLEN and MINID options at the same time are not compatible';
export const TRIM_LIMIT_NEEDS_STRATEGY =
  'ERR syntax error, LIMIT cannot be used without specifying a trimming strategy';
export const TRIM_LIMIT_NEEDS_TILDE = 'ERR syntax error, LIMIT cannot be used without the special ~ option';
export const TRIM_NO_STRATEGY = 'ERR syntax error, XTRIM must be called with a trimming strategy';
export const STREAM_ID_BELOW_DELETED =
  'ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id';
export const STREAM_ID_BELOW_LAST = 'ERR The ID specified in XSETID is smaller than the target stream top item';
export const ENTRIES_ADDED_NEGATIVE = 'ERR entries_added must be positive';
export const ENTRIES_ADDED_BELOW_LENGTH =
  'ERR The entries_added specified in XSETID is smaller than the target stream length';
export const UNBALANCED_STREAMS =
  "ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.";
export const GREATER_IN_XREAD =
  'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.';
export const TIMEOUT_NOT_INTEGER = 'ERR timeout is not an integer or out of range';
export const GROUP_ONLY_XREADGROUP = 'ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.';
export const NOACK_ONLY_XREADGROUP = 'ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.';
export const GROUP_REQUIRED = 'ERR Missing GROUP option for XREADGROUP';
export const DOLLAR_IN_XREADGROUP =
  'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a ' +
  'proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.';
export const BUSY_GROUP = 'BUSYGROUP Consumer Group name already exists';
export const ENTRIES_READ_NEGATIVE = 'ERR value for ENTRIESREAD must be positive or -1';
export const XGROUP_NO_KEY =
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to ' +
  'create an empty stream automatically.';
export const CLAIM_COUNT = 'ERR COUNT must be > 0';

export const NX_WITH_OTHERS = 'ERR NX and XX, GT or LT options at the same time are not compatible';
export const GT_WITH_LT = 'ERR GT and LT options at the same time are not compatible';

export const FIELDS_MISSING = 'ERR Mandatory argument FIELDS is missing or not at the right position';
export const NUMFIELDS_NOT_POSITIVE = 'ERR Parameter `numFields` should be greater than 0';
export const FIELD_COUNT_NOT_POSITIVE = 'ERR Number of fields must be a positive integer';
export const FIELD_COUNT_MISMATCH = 'ERR The `numfields` parameter must match the number of arguments';
export const INVALID_FIELD_COUNT = 'ERR invalid number of fields';
export const NEGATIVE_EXPIRE_TIME = 'ERR invalid expire time, must be >= 0';
export const FXX_WITH_FNX = 'ERR Only one of FXX or FNX arguments can be specified';
export const ONE_FIELD_EXPIRY = 'ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified';

export const XX_AND_NX = 'ERR XX and NX options at the same time are not compatible';
export const GT_LT_NX = 'ERR GT, LT, and/or NX options at the same time are not compatible';
export const INCR_SINGLE_PAIR = 'ERR INCR option supports a single increment-element pair';
export const SCORE_NOT_A_NUMBER = 'ERR resulting score is not a number (NaN)';
export const MIN_OR_MAX_NOT_FLOAT = 'ERR min or max is not a float';
export const MIN_OR_MAX_NOT_LEX = 'ERR min or max not valid string range item';
export const LIMIT_NEEDS_BY = 'ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX';
export const WITHSCORES_WITH_BYLEX = 'ERR syntax error, WITHSCORES not supported in combination with BYLEX';
export const WEIGHT_NOT_FLOAT = 'ERR weight value is not a float';

export const NOT_LFU =
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between ' +
  'policies at runtime LRU and LFU data will take some time to adjust.';
export const IS_LFU =
  'ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between policies at ' +
  'runtime LRU and LFU data will take some time to adjust.';

export function wrongArity(command: string): string {
  return `ERR wrong number of arguments for '${command}' command`;
}

export function needsInputKey(command: string): string {
  return `ERR at least 1 input key is needed for '${command}' command`;
}

export function invalidExpireTime(command: string): string {
  return `ERR invalid expire time in '${command}' command`;
}

export function unknownArgument(argument: string): string {
  return `ERR unknown argument: ${argument}`;
}

export function unsupportedOption(option: string): string {
  return `ERR Unsupported option ${option}`;
}

export function unknownPfdebug(subcommand: string): string {
  return `ERR Unknown PFDEBUG subcommand '${subcommand}'`;
}

/** The coordinates as C's `%f` prints them. */
export function invalidPosition(longitude: string, latitude: string): string {
  return `ERR invalid longitude,latitude pair ${longitude},${latitude}`;
}

export function needsOneCentre(command: string): string {
  return `ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for ${command}`;
}

export function needsOneShape(command: string): string {
  return `ERR exactly one of BYRADIUS and BYBOX can be specified for ${command}`;
}

export function noSuchGroup(key: string, group: string): string {
  return `NOGROUP No such key '${key}' or consumer group '${group}'`;
}

export function noSuchGroupToRead(key: string, group: string): string {
  return `${noSuchGroup(key, group)} in XREADGROUP with GROUP option`;
}

export function noSuchGroupForKey(group: string, key: string): string {
  return `NOGROUP No such consumer group '${group}' for key name '${key}'`;
}

/** `argument` as the option is called. */
export function invalidClaimArgument(argument: string, command: string): string {
  return `ERR Invalid ${argument} argument for ${command}`;
}

export function unrecognizedClaimOption(option: string): string {
  return `ERR Unrecognized XCLAIM option '${option}'`;
}

/** For arguments that the arity of the row lets through. `name` as it was written. */
export function wrongSubcommandArity(container: string, name: string): string {
  return `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${container} HELP.`;
}
