/** Integers and doubles to digits and back, beside the language's own. */
import { measure } from '../../../test/support/micro-bench.ts';
import { formatDouble, parseDouble } from './double.ts';
import { formatInteger, parseInteger } from './integer.ts';
import { latin1Of, utf8Bytes } from './text.ts';

const target = new Uint8Array(32);

for (const [name, numbers] of [
  ['1 digit', [0, 1, 5, 9]],
  ['5 digits', [12_345, -54_321, 99_999, 10_000]],
  ['10 digits', [1_234_567_890, -9_876_543_210, 9_999_999_999, 1_000_000_000]],
  ['16 digits', [Number.MAX_SAFE_INTEGER, -1_234_567_890_123_456, 9_007_199_254_740_991, 1_000_000_000_000_001]],
] as const) {
  const texts = numbers.map((n) => utf8Bytes(String(n)));
  measure(`formatInteger, ${name}`, (i) => formatInteger(target, 0, numbers[i & 3]));
  measure(`String(n) into bytes, ${name}`, (i) => {
    const text = String(numbers[i & 3]);
    for (let j = 0; j < text.length; j++) target[j] = text.charCodeAt(j);
    return text.length;
  });
  measure(`parseInteger, ${name}`, (i) => parseInteger(texts[i & 3], 0, texts[i & 3].length) % 1000);
  measure(`Number(text), ${name}`, (i) => Number(latin1Of(texts[i & 3], 0, texts[i & 3].length)) % 1000);
}

const doubles = [0.1, -3.75, 1234.5678, 1e-7];
const doubleTexts = doubles.map((n) => utf8Bytes(String(n)));
measure('formatDouble', (i) => formatDouble(doubles[i & 3]).length);
measure('parseDouble', (i) => parseDouble(doubleTexts[i & 3], 0, doubleTexts[i & 3].length));
