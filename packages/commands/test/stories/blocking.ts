import type { Story } from '../story.ts';

export const blockingStories: readonly Story[] = [];
