/** How a file of commands ends. */
export type AofEndKind =
  /** With a whole command. */
  | 'whole'
  /** In the middle of a command, or of an annotation. */
  | 'cut'
  /** With zero bytes: the size was on disk before the data was. */
  | 'zeros'
  /** Between MULTI and EXEC. */
  | 'openTransaction';

export interface AofEnd {
  readonly kind: AofEndKind;
  /** What stands before is good; what comes after it is to be cut off. */
  readonly safeOffset: number;
  readonly sizeBytes: number;
  /** Behind `safeOffset`: whole commands, with MULTI. */
  readonly droppedCommands: number;
  /** Where the file was found to end too early, and what was to come; empty: nothing was. */
  readonly offset: number;
  readonly expected: string;
}
