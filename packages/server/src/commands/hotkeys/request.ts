import { integerAt, isKeyword, SYNTAX_ERROR, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { HotKeysRequest } from '../../hot-keys/hot-keys.ts';

const defaultCount = 10;
const countMax = 64;
const slotCount = 16_384;
const MILLION = 1_000_000;

/** HOTKEYS START METRICS count [CPU] [NET] [COUNT k] [DURATION seconds] [SAMPLE ratio] [SLOTS count slot ...]. */
export function readHotKeysRequest(args: Args, isClusterEnabled: boolean): HotKeysRequest | { readonly error: string } {
  if (args.count < 4 || !isKeyword(args, 2, 'metrics')) return { error: 'ERR METRICS parameter is required' };
  const metricCount = integerAt(args, 3);
  if (!(metricCount >= 1)) return { error: 'ERR METRICS count must be > 0' };
  const request = { byCpu: false, byNet: false, count: defaultCount, durationSeconds: 0, sampleRatio: 1 };
  let slots: Set<number> | undefined;
  let i = 4;
  for (; i < args.count && i < 4 + metricCount; i++) {
    if (isKeyword(args, i, 'cpu')) request.byCpu = true;
    else if (isKeyword(args, i, 'net')) request.byNet = true;
    else return { error: `ERR METRICS invalid metric '${textAt(args, i)}': CPU or NET` };
  }
  if (Number(request.byCpu) + Number(request.byNet) !== metricCount) {
    return { error: 'ERR METRICS count does not match number of metric types provided' };
  }
  while (i < args.count) {
    const value = i + 1 < args.count ? integerAt(args, i + 1) : Number.NaN;
    if (isKeyword(args, i, 'count')) {
      if (!(value >= 1 && value <= countMax)) return { error: `ERR COUNT must be between 1 and ${countMax}` };
      request.count = value;
    } else if (isKeyword(args, i, 'duration')) {
      if (!(value >= 0 && value <= MILLION)) return { error: `ERR DURATION must be between 0 and ${MILLION}` };
      request.durationSeconds = value;
    } else if (isKeyword(args, i, 'sample')) {
      if (!(value >= 1 && value <= MILLION)) return { error: `ERR SAMPLE ratio must be between 1 and ${MILLION}` };
      request.sampleRatio = value;
    } else if (isKeyword(args, i, 'slots')) {
      if (!isClusterEnabled) return { error: 'ERR SLOTS parameter cannot be used in non-cluster mode' };
      if (slots !== undefined) return { error: 'ERR SLOTS parameter already specified' };
      if (!(value >= 1 && value <= slotCount)) return { error: `ERR SLOTS count must be between 1 and ${slotCount}` };
      if (i + 2 + value > args.count) return { error: 'ERR not enough slot numbers provided' };
      slots = new Set();
      for (const last = i + 2 + value; i + 2 < last; i++) {
        const slot = integerAt(args, i + 2);
        if (!(slot >= 0 && slot < slotCount)) return { error: `ERR Invalid or out of range slot` };
        if (slots.has(slot)) return { error: 'ERR duplicate slot number' };
        slots.add(slot);
      }
    } else return { error: SYNTAX_ERROR };
    i += 2;
  }
  return { ...request, slots };
}
