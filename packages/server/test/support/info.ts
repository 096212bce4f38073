import type { TestClient } from './test-server.ts';

/** Fields of INFO PERSISTENCE. */
export async function persistenceInfo(client: TestClient): Promise<Record<string, string>> {
  const text = String(await client.ask('INFO persistence'));
  return Object.fromEntries(text.split('\r\n').flatMap((line) => (line.includes(':') ? [line.split(':')] : [])));
}
