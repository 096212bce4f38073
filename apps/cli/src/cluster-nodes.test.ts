import { expect, test } from 'vitest';
import { ownershipOf, parseClusterNodes, slotCountOf } from './cluster-nodes.ts';

const text = [
  'aaaa 127.0.0.1:7000@17000 myself,master - 0 1426238317239 1 connected 0-5460 5462',
  'bbbb 10.0.0.2:7001@17001,host.example master - 0 1426238316232 2 connected 5463-10922 [5461->-aaaa]',
  'cccc ::1:7002@17002 slave bbbb 0 1426238316232 2 disconnected',
  'dddd :0@0 master,noaddr,fail - 1426238316232 0 0 disconnected',
  '',
].join('\n');

test('CLUSTER NODES: addresses, flags, masters, epochs, slots', () => {
  const [first, second, third, fourth] = parseClusterNodes(text);
  expect(first).toMatchObject({ id: 'aaaa', host: '127.0.0.1', port: 7000, configEpoch: 1, linkState: 'connected' });
  expect(first!.slots).toEqual([
    [0, 5460],
    [5462, 5462],
  ]);
  expect([...first!.flags]).toEqual(['myself', 'master']);
  expect(second).toMatchObject({ host: '10.0.0.2', port: 7001, masterId: undefined, slots: [[5463, 10_922]] });
  expect(third).toMatchObject({ host: '::1', port: 7002, masterId: 'bbbb', slots: [] });
  expect(fourth).toMatchObject({ host: '', port: 0 });
});

test('a line that is something else is refused', () =>
  expect(() => parseClusterNodes('ERR no cluster\n')).toThrow('not a line of CLUSTER NODES: "ERR no cluster"'));

test('ownership does not depend on the order in which nodes are listed, nor on who is asked', () => {
  const reversed = text.replace('myself,', '').split('\n').toReversed().join('\n');
  expect(ownershipOf(parseClusterNodes(reversed))).toBe(ownershipOf(parseClusterNodes(text)));
  expect(ownershipOf(parseClusterNodes(text))).toBe('aaaa=0-5460,5462-5462 bbbb=5463-10922');
});

test('slots are counted over all ranges', () => expect(slotCountOf(parseClusterNodes(text)[0]!)).toBe(5462));
