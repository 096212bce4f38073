import { type Client, Halt } from './client.ts';

/** So much of a client that is blocked or paused is kept. */
const haltedBytesMax = 64 * 1024;
/**
 * So much of one that does not take its replies: clients that write a whole pipeline before they read the first reply would
 * otherwise wait for us, and we for them.
 */
const congestedBytesMax = 64 * 1024 * 1024;
/** While all of those together keep more than this, ... */
const allBytesMax = 256 * 1024 * 1024;
/** ... each may have this much. */
const crowdedBytesMax = 1024 * 1024;

/**
 * Requests that clients have sent and that wait because the clients may not run anything for now. Beyond limits such a client
 * is not read, so that the rest waits in its own socket.
 */
export class KeptRequests {
  /** Memory behind the kept requests of all clients. */
  totalBytes = 0;

  /** After more has come, or has been run: counts, and reads on or not. */
  settle(client: Client): void {
    const { decoder } = client;
    const isHalted = client.halts !== 0;
    const bytes = isHalted ? decoder.capacityBytes : 0;
    this.totalBytes += bytes - client.keptBytes;
    client.keptBytes = bytes;
    const isTooMuch = isHalted && decoder.bufferedBytes > this.#bytesMax(client);
    if (isTooMuch === client.isReadingPaused) return;
    client.isReadingPaused = isTooMuch;
    if (isTooMuch) client.connection.pauseReading();
    else client.connection.resumeReading();
  }

  forget(client: Client): void {
    this.totalBytes -= client.keptBytes;
    client.keptBytes = 0;
  }

  #bytesMax(client: Client): number {
    if (client.halts !== Halt.congested) return haltedBytesMax;
    return this.totalBytes > allBytesMax ? crowdedBytesMax : congestedBytesMax;
  }
}
