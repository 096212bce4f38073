export { RealClock } from './clock.ts';
export { RealDisk } from './disk.ts';
export { RealRandom } from './random.ts';
export { RealTimers } from './timers.ts';
