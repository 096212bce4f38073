#!/usr/bin/env node
import { program } from './program.ts';
import { UsageError } from './usage-error.ts';

try {
  await program().parseAsync();
} catch (error) {
  console.error(error instanceof UsageError ? `kvartz: ${error.message}` : `kvartz: ${messageOf(error)}`);
  process.exitCode = error instanceof UsageError ? error.exitCode : 1;
}

/** Messages of Errors are written for users; the stack helps only those who ask for it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env['KVARTZ_DEBUG'] === undefined ? error.message : (error.stack ?? error.message);
}
