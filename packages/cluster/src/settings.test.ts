import { equal, throws } from 'node:assert/strict';
import { test } from 'vitest';
import { checkSettings, isIpAddress } from './settings.ts';

for (const [text, isAddress] of [
  ['127.0.0.1', true],
  ['255.255.255.255', true],
  ['256.0.0.1', false],
  ['1.2.3', false],
  ['01.2.3.4', false],
  ['localhost', false],
  ['', false],
  ['::', true],
  ['::1', true],
  ['fe80::1', true],
  ['1:2:3:4:5:6:7:8', true],
  ['1:2:3:4:5:6:7', false],
  ['1:2:3:4:5:6:7:8:9', false],
  ['1::2::3', false],
  ['::ffff:10.0.0.1', true],
  ['::ffff:10.0.0.256', false],
  ['12345::', false],
] as const) {
  test(`isIpAddress: '${text}' is ${isAddress ? 'one' : 'none'}`, () => equal(isIpAddress(text), isAddress));
}

const settings = {
  host: '',
  port: 7_000,
  busPort: 17_000,
  hostname: '',
  nodeTimeoutMs: 15_000,
  requireFullCoverage: true,
};

test('settings that cannot work are refused in plain sentences', () => {
  equal(Object.isFrozen(checkSettings(settings)), true);
  throws(() => checkSettings({ ...settings, port: 0 }), /the port is 0; it must be from 1 to 65535/);
  throws(() => checkSettings({ ...settings, busPort: 70_000 }), /the cluster bus port is 70000/);
  throws(() => checkSettings({ ...settings, busPort: 7_000 }), /both 7000: give two/);
  throws(
    () => checkSettings({ ...settings, nodeTimeoutMs: 100 }),
    /cluster-node-timeout is 100 ms; it must be more than/,
  );
});
