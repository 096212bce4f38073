import { textOfByteString } from './byte-string.ts';

/** Where a line of configuration came from. */
export interface ConfigOrigin {
  readonly kind: 'file' | 'included' | 'stdin' | 'options';
  /** Absent for `options` and `stdin`. */
  readonly path?: string;
}

/** A configuration that cannot be used. `report` is what the server prints before it exits with status 1. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'ERR_CONFIG';
  /** One-based; undefined when the fault is not of one line. */
  readonly lineNumber: number | undefined;

  constructor(reason: string, at?: { origin: ConfigOrigin; lineNumber: number; text: string }) {
    super(
      at === undefined ? reason : `${reason} (${placeOf(at.origin)}${at.lineNumber}: ${textOfByteString(at.text)})`,
    );
    this.lineNumber = at?.lineNumber;
    this.#reason = reason;
    this.#at = at;
  }

  readonly #reason: string;
  readonly #at: { origin: ConfigOrigin; lineNumber: number; text: string } | undefined;

  /** In the shape of redis-server's, which entrypoints and test harnesses look for. */
  report(product: string): string {
    const lines = ['', `*** FATAL CONFIG FILE ERROR (${product}) ***`];
    if (this.#at !== undefined) {
      lines.push(
        `Reading ${placeOf(this.#at.origin)}${this.#at.lineNumber}`,
        `>>> '${textOfByteString(this.#at.text)}'`,
      );
    }
    return [...lines, this.#reason, ''].join('\n');
  }
}

function placeOf(origin: ConfigOrigin): string {
  switch (origin.kind) {
    case 'file':
      return 'the configuration file, at line ';
    case 'included':
      return `the included configuration file ${origin.path}, at line `;
    case 'stdin':
      return 'the configuration from standard input, at line ';
    case 'options':
      return 'the command line, at option ';
  }
}
