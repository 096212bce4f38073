/** What `make` allocates outside the keyspace; undefined when the runtime has no memory for it. */
export function tryAllocate<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
