import { RdbType } from '../format.ts';
import { IntsetReader } from './intset-reader.ts';
import { ListpackReader } from './listpack-reader.ts';
import type { PackReader } from './pack-reader.ts';
import { ZiplistReader } from './ziplist-reader.ts';
import { ZipmapReader } from './zipmap-reader.ts';

/** One reader of each packed form. */
export class PackReaders {
  readonly listpack: ListpackReader = new ListpackReader();
  readonly intset: IntsetReader = new IntsetReader();
  readonly #ziplist = new ZiplistReader();
  readonly #zipmap = new ZipmapReader();

  of(type: RdbType): PackReader {
    switch (type) {
      case RdbType.hashZipmap:
        return this.#zipmap;
      case RdbType.setIntset:
        return this.intset;
      case RdbType.listZiplist:
      case RdbType.zsetZiplist:
      case RdbType.hashZiplist:
      case RdbType.listQuicklist:
        return this.#ziplist;
      default:
        return this.listpack;
    }
  }
}
