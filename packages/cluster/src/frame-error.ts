/** Bytes from a peer that are no frame of this bus; the message says what is wrong with them. The link is closed. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code = 'ERR_CLUSTER_FRAME';
}
