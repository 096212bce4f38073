export { lzfCompress, lzfDecompress } from './rdb/lzf.ts';
