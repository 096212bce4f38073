import type { Story } from '../story.ts';

export const sortedSetStories: readonly Story[] = [];
