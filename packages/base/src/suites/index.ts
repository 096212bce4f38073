export { diskSuite, type DiskUnderTest } from './disk-suite.ts';
