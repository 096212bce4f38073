import { bitmapStories } from './bitmaps.ts';
import { blockingStories } from './blocking.ts';
import { expiryStories } from './expiry.ts';
import { fieldTimeStories } from './field-times.ts';
import { geoStories } from './geo.ts';
import { hashStories } from './hashes.ts';
import { hyperloglogStories } from './hyperloglog.ts';
import { keyStories } from './keys.ts';
import { listStories } from './lists.ts';
import { setStories } from './sets.ts';
import { sortStories } from './sort.ts';
import { sortedSetStories } from './sorted-sets.ts';
import { streamStories } from './streams.ts';
import { streamClaimStories } from './stream-claims.ts';
import { streamGroupStories } from './stream-groups.ts';
import { stringStories } from './strings.ts';
import type { Story } from '../story.ts';

/** The stories of all commands on data. */
export const families: Readonly<Record<string, readonly Story[]>> = {
  strings: stringStories,
  bitmaps: bitmapStories,
  hashes: hashStories,
  'times of fields': fieldTimeStories,
  lists: listStories,
  sets: setStories,
  'sorted sets': sortedSetStories,
  streams: streamStories,
  geo: geoStories,
  hyperloglog: hyperloglogStories,
  blocking: blockingStories,
  sort: sortStories,
  'stream groups': streamGroupStories,
  'pending entries': streamClaimStories,
  keys: keyStories,
  expiry: expiryStories,
};
