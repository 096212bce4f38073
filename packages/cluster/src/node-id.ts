import type { Random } from '@kvartz/base';

/** Who a node is, for ever and wherever it listens: 40 lower-case hex digits. */
export type NodeId = string;

/** Bytes of a node id on the bus. */
export const nodeIdBytes = 20;

export function isNodeId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

export function makeNodeId(random: Random): NodeId {
  const bytes = new Uint8Array(nodeIdBytes);
  random.fill(bytes);
  return nodeIdOf(bytes);
}

/** `bytes` must be 20 long. */
export function nodeIdOf(bytes: Uint8Array): NodeId {
  let text = '';
  for (let i = 0; i < nodeIdBytes; i++) text += hexPairs[bytes[i]];
  return text;
}

export function bytesOfNodeId(id: NodeId): Uint8Array {
  const bytes = new Uint8Array(nodeIdBytes);
  for (let i = 0; i < nodeIdBytes; i++) bytes[i] = (hexDigit(id, 2 * i) << 4) | hexDigit(id, 2 * i + 1);
  return bytes;
}

/** 32 bits that depend on all of the text; not for adversaries. FNV-1a with a final mix. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

function hexDigit(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code <= 0x39 ? code - 0x30 : code - 0x57;
}
