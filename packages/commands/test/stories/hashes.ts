import type { Story } from '../story.ts';

export const hashStories: readonly Story[] = [];
