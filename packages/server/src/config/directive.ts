/** A value in the form in which CONFIG GET shows it, or why the words do not make one. Byte strings. */
export type Parsed = { readonly value: string } | { readonly error: string };

export interface ParseState {
  /** The value so far: some directives (`client-output-buffer-limit`) change a part of it. */
  readonly current: string;
  /** A line of the configuration that follows one with the same name: `save` adds to it, others replace it. */
  readonly isRepeated: boolean;
}

/** What the values of a directive look like. */
export interface ValueType {
  /** For the documentation: `yes/no`, `bytes`, ... */
  readonly shape: string;
  parse(words: readonly string[], state: ParseState): Parsed;
  /** Lines for CONFIG REWRITE, without the name; each with whether it must stand in the file. Empty: no line at all. */
  toLines(value: string, defaultValue: string): readonly RewriteLine[];
}

export interface RewriteLine {
  readonly text: string;
  /** False: only replaces a line that is there, because the value is the default. */
  readonly isNeeded: boolean;
}

/** One directive of redis.conf. */
export interface Directive {
  readonly name: string;
  /** The old name (`slave-...`, `...-ziplist-...`), shown by CONFIG GET as well. */
  readonly alias: string | undefined;
  readonly type: ValueType;
  /** As CONFIG GET shows it. */
  readonly defaultValue: string;
  /** `works`: in effect here. `accepted`: read, checked and shown, without effect; the server says so once. */
  readonly effect: 'works' | 'accepted';
  /** Takes any number of words. */
  readonly isMultiWord: boolean;
  /** Cannot be changed by CONFIG SET. */
  readonly isImmutable: boolean;
  /** Only shown when asked for by its exact name. */
  readonly isHidden: boolean;
  /** CONFIG SET needs `enable-protected-configs`. */
  readonly isProtected: boolean;
  /** Never logged. */
  readonly isSensitive: boolean;
  readonly isDeniedWhileLoading: boolean;
  /** Mutable in Redis, not in a running Kvartz: why, as the error of CONFIG SET. */
  readonly startOnly: string | undefined;
  /** One sentence for the documentation, where there is something to say. */
  readonly note: string | undefined;
}

export interface DirectiveOptions {
  readonly alias?: string;
  readonly effect?: 'works' | 'accepted';
  readonly is?: readonly ('immutable' | 'hidden' | 'protected' | 'sensitive' | 'deniedWhileLoading' | 'multiWord')[];
  readonly startOnly?: string;
  readonly note?: string;
}

/** Directives have no effect unless their row says so: a new one must not look as if it did something. */
export function directive(
  name: string,
  type: ValueType,
  defaultValue: string,
  options: DirectiveOptions = {},
): Directive {
  const is = new Set(options.is);
  return {
    name,
    alias: options.alias,
    type,
    defaultValue,
    effect: options.effect ?? 'accepted',
    isMultiWord: is.has('multiWord'),
    isImmutable: is.has('immutable'),
    isHidden: is.has('hidden'),
    isProtected: is.has('protected'),
    isSensitive: is.has('sensitive'),
    isDeniedWhileLoading: is.has('deniedWhileLoading'),
    startOnly: options.startOnly,
    note: options.note,
  };
}
