import type { Story } from '../story.ts';

export const setStories: readonly Story[] = [];
