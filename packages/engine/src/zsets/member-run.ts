import { ByteBuffer } from '@kvartz/base';

/** Members that lie in one buffer, which a walk hands out together: member i is `buffer.u8[starts[i], ends[i])`. */
export class MemberRun {
  buffer = new ByteBuffer(0);
  readonly starts: Int32Array<ArrayBuffer>;
  readonly ends: Int32Array<ArrayBuffer>;

  constructor(countMax: number) {
    this.starts = new Int32Array(countMax);
    this.ends = new Int32Array(countMax);
  }
}
