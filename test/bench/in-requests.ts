const perRequest = 50;

/** Requests with `perRequest` elements each. */
export function* inRequests(
  command: readonly string[],
  count: number,
  elementOf: (i: number) => readonly (string | number)[],
): Generator<(string | number)[]> {
  for (let i = 0; i < count; i += perRequest) {
    const request: (string | number)[] = [...command];
    for (let j = i; j < Math.min(count, i + perRequest); j++) request.push(...elementOf(j));
    yield request;
  }
}
