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

/** Members that a walk hands out together by their scores, for whoever wants few of them; see `SortedSets.memberIn`. */
export class ScoreRun {
  readonly scores: Float64Array<ArrayBuffer>;
  /** 0: the member that the walk has come to. */
  readonly records: Uint32Array<ArrayBuffer>;

  constructor(countMax: number) {
    this.scores = new Float64Array(countMax);
    this.records = new Uint32Array(countMax);
  }
}
