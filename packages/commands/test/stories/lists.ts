import type { Story } from '../story.ts';

export const listStories: readonly Story[] = [];
