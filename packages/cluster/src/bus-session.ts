import { equalSecretly, HmacSha256, latin1Of, type Random, utf8Bytes } from '@kvartz/base';
import { decodeMessage, encodeMessage } from './frame-codec.ts';
import { FrameError } from './frame-error.ts';
import { FrameReader, lengthBytes } from './frame-reader.ts';
import type { Message } from './messages.ts';

/** The only version of the bus so far. A frame of another version is refused. */
export const busVersion = 1;

/** First byte of a frame is the version, the second one of these. Append only. */
const FrameType = { hello: 1, message: 2, refusal: 3 } as const;

/** A claim of all slots in the worst order has some 50 KB. */
export const frameBytesMax = 128 * 1024;
/** Before both ends have said hello, nobody gets more than this of our memory. */
const helloBytesMax = 256;
const nonceBytes = 16;
/** HMAC-SHA256 cut to half, as RFC 2104 allows. */
const macBytes = 16;

export interface BusSessionOptions {
  readonly isInitiator: boolean;
  /** Shared by all nodes of the cluster; undefined: peers are trusted. */
  readonly secret: Uint8Array | undefined;
  readonly random: Random;
  /** Hands bytes to the connection; they are not touched afterwards. */
  readonly send: (bytes: Uint8Array) => void;
  /** Both ends have said hello: messages may be sent. */
  readonly onOpen: () => void;
  readonly onMessage: (message: Message) => void;
}

/**
 * One link of the bus as bytes: hello both ways, then messages.
 *
 *   frame:    | length u32 | version u8 | type u8 | body ... | mac 16 |
 *   hello:    nonce 16, flags u8 (1: a secret is set); no mac
 *   message:  msgpack, see frame-codec; mac when a secret is set
 *   refusal:  why the sender closes the link, as text; no mac
 *
 * With a secret, each direction has a key of its own, derived from the secret and both nonces, and each frame's mac
 * covers the number of the frame in its direction. So a frame cannot be forged, changed, left out, repeated, sent
 * back to its sender, or replayed on another link. Contents are not hidden: that takes TLS.
 */
export class BusSession {
  #isOpen = false;
  readonly #options: BusSessionOptions;
  readonly #nonce = new Uint8Array(nonceBytes);
  readonly #reader: FrameReader;
  #signer: Signer | undefined;
  #verifier: Signer | undefined;

  constructor(options: BusSessionOptions) {
    this.#options = options;
    options.random.fill(this.#nonce);
    this.#reader = new FrameReader(helloBytesMax, (frame) => this.#receive(frame));
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The connection is there. The initiator speaks first. */
  start(): void {
    if (this.#options.isInitiator) this.#sendHello();
  }

  /** Bytes from the connection. Throws a FrameError when the link has to be closed; `refuse` tells the peer why. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    this.#reader.feed(bytes, start, end);
  }

  /** Returns the number of bytes sent. */
  sendMessage(message: Message): number {
    return this.#sendFrame(FrameType.message, encodeMessage(message), this.#signer);
  }

  refuse(reason: string): void {
    this.#sendFrame(FrameType.refusal, utf8Bytes(reason.slice(0, 200)), undefined);
  }

  #sendHello(): void {
    const body = new Uint8Array(nonceBytes + 1);
    body.set(this.#nonce);
    body[nonceBytes] = this.#options.secret === undefined ? 0 : 1;
    this.#sendFrame(FrameType.hello, body, undefined);
  }

  #sendFrame(type: number, body: Uint8Array, signer: Signer | undefined): number {
    const contentBytes = 2 + body.length;
    const frame = new Uint8Array(lengthBytes + contentBytes + (signer === undefined ? 0 : macBytes));
    new DataView(frame.buffer).setUint32(0, frame.length - lengthBytes);
    frame[lengthBytes] = busVersion;
    frame[lengthBytes + 1] = type;
    frame.set(body, lengthBytes + 2);
    const contentEnd = lengthBytes + contentBytes;
    if (signer !== undefined) frame.set(signer.next(frame.subarray(lengthBytes, contentEnd)), contentEnd);
    this.#options.send(frame);
    return frame.length;
  }

  #receive(frame: Uint8Array): void {
    const [version, type] = frame;
    if (version !== busVersion) {
      throw new FrameError(`the peer speaks version ${version} of the cluster bus, this node speaks ${busVersion}`);
    }
    if (type === FrameType.refusal) throw new RefusedError(printable(frame.subarray(2)));
    if (!this.#isOpen) {
      if (type !== FrameType.hello) throw new FrameError(`expected hello, found a frame of type ${type}`);
      this.#hello(frame.subarray(2));
      return;
    }
    if (type !== FrameType.message) throw new FrameError(`unexpected frame of type ${type}`);
    this.#options.onMessage(decodeMessage(this.#verified(frame)));
  }

  #hello(body: Uint8Array): void {
    const { secret, isInitiator } = this.#options;
    if (body.length < nonceBytes + 1) throw new FrameError(`a hello of ${body.length} bytes`);
    const isPeerSecured = body[nonceBytes] === 1;
    if (isPeerSecured !== (secret !== undefined)) {
      throw new FrameError(
        isPeerSecured
          ? 'the peer has a cluster-secret and this node has none'
          : 'this node has a cluster-secret and the peer has none',
      );
    }
    if (!isInitiator) this.#sendHello();
    if (secret !== undefined) {
      const theirs = body.slice(0, nonceBytes);
      const nonces = isInitiator ? [this.#nonce, theirs] : [theirs, this.#nonce];
      const linkKey = new HmacSha256(new HmacSha256(secret).sign(utf8Bytes('kvartz bus 1'), ...nonces));
      const ofInitiator = new Signer(linkKey.sign(utf8Bytes('initiator')));
      const ofAcceptor = new Signer(linkKey.sign(utf8Bytes('acceptor')));
      [this.#signer, this.#verifier] = isInitiator ? [ofInitiator, ofAcceptor] : [ofAcceptor, ofInitiator];
    }
    this.#isOpen = true;
    this.#reader.frameBytesMax = frameBytesMax;
    this.#options.onOpen();
  }

  /** The message's bytes, once the mac has been found right. */
  #verified(frame: Uint8Array): Uint8Array {
    if (this.#verifier === undefined) return frame.subarray(2);
    const contentEnd = frame.length - macBytes;
    if (contentEnd < 2) throw new FrameError(`a signed frame of ${frame.length} bytes`);
    const expected = this.#verifier.next(frame.subarray(0, contentEnd));
    if (!equalSecretly(frame.subarray(contentEnd), expected)) {
      throw new FrameError('wrong signature: the cluster-secret differs, or the frame was tampered with');
    }
    return frame.subarray(2, contentEnd);
  }
}

/** The peer closed the link and said why. */
export class RefusedError extends FrameError {
  constructor(reason: string) {
    super(`refused by the peer: ${reason}`);
  }
}

/** Signs the frames of one direction, each with its number. */
class Signer {
  readonly #hmac: HmacSha256;
  readonly #number = new DataView(new ArrayBuffer(8));
  #count = 0;

  constructor(key: Uint8Array) {
    this.#hmac = new HmacSha256(key);
  }

  next(content: Uint8Array): Uint8Array {
    this.#number.setUint32(0, Math.floor(this.#count / 2 ** 32));
    this.#number.setUint32(4, this.#count % 2 ** 32);
    this.#count++;
    return this.#hmac.sign(new Uint8Array(this.#number.buffer), content).subarray(0, macBytes);
  }
}

/** What a peer says ends up in the log: one line, no control characters. */
function printable(bytes: Uint8Array): string {
  return latin1Of(bytes.subarray(0, 200)).replaceAll(/[^ -~]/g, '?');
}
