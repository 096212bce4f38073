/** Where log lines go; the app gives them form (Redis's or JSON), time and place. Levels as `loglevel` names them. */
export interface Log {
  debug(text: string): void;
  verbose(text: string): void;
  notice(text: string): void;
  warning(text: string): void;
}

export const silentLog: Log = { debug: () => {}, verbose: () => {}, notice: () => {}, warning: () => {} };
