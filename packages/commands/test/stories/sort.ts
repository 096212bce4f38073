import type { Story } from '../story.ts';

export const sortStories: readonly Story[] = [];
