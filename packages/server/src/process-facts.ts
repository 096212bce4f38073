/** What INFO tells of the process, measured by the app. */
export interface ProcessFacts {
  readonly pid: number;
  readonly version: string;
  /** `Linux 6.1.0 x86_64` */
  readonly os: string;
  /** `node-26.10.0` */
  readonly runtime: string;
  readonly executable: string;
  /** Absolute path of the file the configuration was read from; empty without. */
  readonly configFile: string;
  /** Whether a process with this id runs on this machine. */
  isAlive(pid: number): boolean;
  residentBytes(): number;
  /** Total memory of the machine, or of the container's limit. */
  systemBytes(): number;
  /** JavaScript heap in use: what Node itself takes beside the data. */
  heapBytes(): number;
  /** Seconds of processor time since the start. */
  cpu(): { readonly user: number; readonly system: number };
}

export const noProcessFacts: ProcessFacts = {
  pid: 0,
  version: '0.0.0',
  os: '',
  runtime: '',
  executable: '',
  configFile: '',
  isAlive: () => false,
  residentBytes: () => 0,
  systemBytes: () => 0,
  heapBytes: () => 0,
  cpu: () => ({ user: 0, system: 0 }),
};
