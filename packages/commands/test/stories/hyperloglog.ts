import type { Story } from '../story.ts';

export const hyperloglogStories: readonly Story[] = [];
