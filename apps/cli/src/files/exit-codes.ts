import { UsageError } from '../usage-error.ts';

/** How the tools for files end: 0 is good news, 1 is bad news about the files, 2 is that the tool could not do its work. */
export const ExitCode = { fine: 0, finding: 1, trouble: 2 } as const;

/** For the end of a tool's help. */
export const exitCodes =
  '\nExit codes: 0 all is well, 1 damaged or different, 2 the files could not be read or written';

/** An action of the command line that answers its exit code; files that cannot be read or written are trouble. */
export function fileAction<A extends unknown[]>(
  action: (...args: A) => Promise<number>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    try {
      process.exitCode = await action(...args);
    } catch (error) {
      // Whoever read what was printed, such as `head`, has enough.
      if (codeOf(error) === 'EPIPE') return;
      if (codeOf(error) === undefined) throw error;
      throw new UsageError((error as Error).message, ExitCode.trouble);
    }
  };
}

/** Of a system error. */
function codeOf(error: unknown): string | undefined {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error;
  return isSystem ? String(error.code) : undefined;
}
