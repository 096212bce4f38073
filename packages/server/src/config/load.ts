import { ConfigError } from './errors.ts';
import { type ConfigLine, parseConfigText } from './lines.ts';
import { findDirective } from './registry.ts';
import { ServerConfig } from './server-config.ts';
import { splitWords } from '@kvartz/base';

/** A file's name in full, and its content as a byte string. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** All that a configuration is made of; what comes later overrules what came before. */
export interface ConfigSources {
  readonly file?: ConfigFile | undefined;
  readonly stdin?: string | undefined;
  /** From `parseArguments` or `optionsOf`. */
  readonly options?: readonly string[];
  /**
   * Files that a line `include pattern` names: none where wildcards match nothing. Throws an Error, whose message becomes
   * the reason, where a file cannot be read.
   */
  readonly include?: (pattern: string) => readonly ConfigFile[];
  /** The full path of `dir`. Throws an Error, whose message becomes the reason, where there is no such folder. */
  readonly resolveFolder?: (path: string) => string;
}

export interface RenamedCommand {
  readonly from: string;
  /** Empty: the command is to be removed. */
  readonly to: string;
  /** For a rename that cannot be done. */
  error(reason: string): ConfigError;
}

export interface LoadedConfig {
  readonly config: ServerConfig;
  readonly renamedCommands: readonly RenamedCommand[];
  /** Directives that were given a value other than the default and have no effect here. */
  readonly withoutEffect: readonly string[];
}

const INCLUDE_DEPTH_MAX = 16;

/** Directives of old versions that have meant nothing for long. */
const FORGOTTEN = new Set(['list-max-ziplist-entries', 'list-max-ziplist-value', 'lua-replicate-commands']);

/** Reads, checks and joins all sources. Throws ConfigError. */
export function loadConfig(sources: ConfigSources): LoadedConfig {
  const loader = new Loader(sources);
  if (sources.file !== undefined) {
    loader.addText(sources.file.text, { kind: 'file', path: sources.file.path }, 0);
  }
  if (sources.stdin !== undefined) loader.addText(sources.stdin, { kind: 'stdin' }, 0);
  loader.addOptions(sources.options ?? []);
  return loader.finish();
}

class Loader {
  readonly #sources: ConfigSources;
  readonly #values = new Map<string, string>();
  readonly #renamedCommands: RenamedCommand[] = [];

  constructor(sources: ConfigSources) {
    this.#sources = sources;
    if (sources.resolveFolder !== undefined) this.#values.set('dir', sources.resolveFolder('.'));
  }

  addText(text: string, origin: ConfigLine['origin'], depth: number): void {
    for (const line of parseConfigText(text, origin)) this.#add(line, depth);
  }

  addOptions(options: readonly string[]): void {
    const origin = { kind: 'options' } as const;
    for (const [index, text] of options.entries()) {
      const at = { origin, lineNumber: index + 1, text };
      const words = splitWords(text);
      if (words === undefined) throw new ConfigError('Unbalanced quotes in configuration line', at);
      const [name = '', ...rest] = words;
      this.#add({ ...at, words: [name.toLowerCase(), ...rest] }, 0);
    }
  }

  #add(line: ConfigLine, depth: number): void {
    const [name, ...given] = line.words;
    const row = findDirective(name);
    if (row === undefined) return this.#addSpecial(line, given, depth);
    // `--save '900 1'`: one quoted value stands for its words, as in CONFIG SET.
    const words = row.isMultiWord && given.length === 1 ? given[0].split(' ') : given;
    if (!row.isMultiWord && words.length !== 1) throw new ConfigError('wrong number of arguments', line);
    const current = this.#values.get(row.name) ?? row.defaultValue;
    const parsed = row.type.parse(words, { current, isRepeated: this.#values.has(row.name) });
    if ('error' in parsed) throw new ConfigError(parsed.error, line);
    const value = row.name === 'dir' ? this.#resolveFolder(parsed.value, line) : parsed.value;
    this.#values.set(row.name, value);
  }

  /** Directives that are no values. */
  #addSpecial(line: ConfigLine, words: readonly string[], depth: number): void {
    const name = line.words[0];
    if (FORGOTTEN.has(name) && words.length === 1) return;
    if (name === 'include' && words.length === 1) return this.#include(words[0], line, depth);
    if (name === 'rename-command' && words.length === 2) {
      this.#renamedCommands.push({
        from: words[0].toLowerCase(),
        to: words[1],
        error: (reason) => new ConfigError(reason, line),
      });
      return;
    }
    // What would change who may do what is refused, not ignored.
    if (name === 'user' && words.length > 0) {
      throw new ConfigError('ACL users are not supported yet: use requirepass', line);
    }
    if ((name === 'loadmodule' && words.length > 0) || name.includes('.')) {
      throw new ConfigError('Kvartz does not load modules: remove this line', line);
    }
    if (name === 'sentinel') throw new ConfigError('sentinel directive while not in sentinel mode', line);
    throw new ConfigError('Bad directive or wrong number of arguments', line);
  }

  #include(pattern: string, line: ConfigLine, depth: number): void {
    if (depth === INCLUDE_DEPTH_MAX)
      throw new ConfigError(`more than ${INCLUDE_DEPTH_MAX} files include one another`, line);
    if (this.#sources.include === undefined) throw new ConfigError('there are no files to include here', line);
    let files: readonly ConfigFile[];
    try {
      files = this.#sources.include(pattern);
    } catch (cause) {
      throw new ConfigError(messageOf(cause), line);
    }
    for (const file of files) this.addText(file.text, { kind: 'included', path: file.path }, depth + 1);
  }

  #resolveFolder(path: string, line: ConfigLine): string {
    if (this.#sources.resolveFolder === undefined) return path;
    try {
      return this.#sources.resolveFolder(path);
    } catch (cause) {
      throw new ConfigError(messageOf(cause), line);
    }
  }

  finish(): LoadedConfig {
    const config = new ServerConfig(this.#values, this.#sources.file?.path);
    if (config.bind.length === 0 && config.unixsocket === '') {
      throw new ConfigError('Configured to not listen anywhere: bind names no address, and there is no unixsocket');
    }
    if (config.clusterEnabled && config.get('replicaof') !== '') {
      throw new ConfigError('replicaof directive not allowed in cluster mode');
    }
    if (config.clusterEnabled && config.clusterPort === 0 && config.port > 55_535) {
      throw new ConfigError(
        `port ${config.port} leaves no room for the cluster bus at ${config.port + 10_000}: ` +
          'use a port up to 55535, or set cluster-port',
      );
    }
    const withoutEffect = [...this.#values.keys()].filter((name) => {
      const row = findDirective(name);
      return row?.effect === 'accepted' && this.#values.get(name) !== row.defaultValue;
    });
    return { config, renamedCommands: this.#renamedCommands, withoutEffect };
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
