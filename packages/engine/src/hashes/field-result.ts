/** What `Hashes.set` has done. */
export const FieldResult = { noMemory: 0, added: 1, changed: 2 } as const;
export type FieldResult = (typeof FieldResult)[keyof typeof FieldResult];
