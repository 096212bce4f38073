import type { Story } from '../story.ts';

export const geoStories: readonly Story[] = [];
