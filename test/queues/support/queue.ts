export const stream = 'jobs';
export const group = 'workers';
/** Who has not acknowledged an entry after so long has lost it to whoever asks. */
export const leaseMs = 1000;
export type Entry = [id: string, fields: string[]];
