import { defineCommands } from '@kvartz/commands';
import type { ServerContext } from '../../context.ts';
import { replyHelp } from '../help.ts';
import { kill } from './kill.ts';
import { info, list } from './list.ts';
import { getname, setinfo, setname } from './name.ts';
import { pause, unpause } from './pause.ts';
import { noEvict, noTouch, reply, unblock } from './settings.ts';
import { caching, getredir, tracking, trackinginfo } from './tracking.ts';

const complexity = 'O(1)';

export const clientCommands = defineCommands<ServerContext>([
  { name: 'client', summary: 'Commands about connections.', complexity: 'Depends on subcommand.' },
  { name: 'client|caching', summary: 'Whether the keys of the next command are tracked.', complexity, run: caching },
  { name: 'client|getname', summary: 'The name of this connection.', complexity, run: getname },
  {
    name: 'client|getredir',
    summary: 'The client that gets the invalidations of this one.',
    complexity,
    run: getredir,
  },
  { name: 'client|help', summary: 'Tells about the subcommands.', complexity, run: help },
  { name: 'client|id', summary: 'The number of this connection.', complexity, run: id },
  { name: 'client|info', summary: 'What CLIENT LIST says of this connection.', complexity, run: info },
  {
    name: 'client|kill',
    summary: 'Closes connections.',
    complexity: 'O(N) where N is the number of connections',
    run: kill,
  },
  {
    name: 'client|list',
    summary: 'Lists the connections.',
    complexity: 'O(N) where N is the number of connections',
    run: list,
  },
  {
    name: 'client|no-evict',
    summary: 'Whether this connection may be closed for its memory.',
    complexity,
    run: noEvict,
  },
  {
    name: 'client|no-touch',
    summary: 'Whether commands leave the LRU and LFU clocks alone.',
    complexity,
    run: noTouch,
  },
  { name: 'client|pause', summary: 'Lets clients wait for a time.', complexity, run: pause },
  { name: 'client|reply', summary: 'Whether the server answers this connection.', complexity, run: reply },
  { name: 'client|setinfo', summary: 'Tells which library the client is.', complexity, run: setinfo },
  { name: 'client|setname', summary: 'Names this connection.', complexity, run: setname },
  {
    name: 'client|tracking',
    summary: 'Turns the help for client-side caches on or off.',
    complexity: 'O(1); some options take longer',
    run: tracking,
  },
  {
    name: 'client|trackinginfo',
    summary: 'How this connection uses the help for client-side caches.',
    complexity,
    run: trackinginfo,
  },
  {
    name: 'client|unblock',
    summary: 'Ends the waiting of a client that a command blocks.',
    complexity: 'O(log N) where N is the number of connections',
    run: unblock,
  },
  {
    name: 'client|unpause',
    summary: 'Lets the clients go on that CLIENT PAUSE made wait.',
    complexity: 'O(N) where N is the number of paused clients',
    run: unpause,
  },
]);

function id(context: ServerContext): void {
  context.reply.integer(context.client.id);
}

function help(context: ServerContext): void {
  replyHelp(context, 'CLIENT', [
    'CACHING (YES|NO)',
    '    With OPTIN or OPTOUT tracking: whether the keys of the next command are tracked.',
    'GETNAME',
    '    Return the name of this connection.',
    'GETREDIR',
    '    Return the id of the client that invalidations are sent to.',
    'ID',
    '    Return the id of this connection.',
    'INFO',
    '    Return what CLIENT LIST says of this connection.',
    'KILL <ip:port>',
    '    Close the connection from that address.',
    'KILL <option> <value> [<option> <value> [...]]',
    '    Close the connections that fit all options:',
    '    * ADDR (<ip:port>|<unixsocket>:0)',
    '      Connections from that address.',
    '    * LADDR (<ip:port>|<unixsocket>:0)',
    '      Connections to that local address.',
    '    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)',
    '      Connections of that type.',
    '    * USER <username>',
    '      Connections of that user.',
    '    * ID <id>',
    '      The connection with that id.',
    '    * SKIPME (YES|NO)',
    '      Whether this connection is left alone (default: yes).',
    'LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB) | ID <id> [<id> ...]]',
    '    Return a line for each connection.',
    'NO-EVICT (ON|OFF)',
    '    Whether this connection may be closed for the memory it uses.',
    'NO-TOUCH (ON|OFF)',
    '    Whether commands of this connection leave the age of keys as it is.',
    'PAUSE <timeout> [WRITE|ALL]',
    '    Let all clients, or those that write, wait for <timeout> milliseconds.',
    'REPLY (ON|OFF|SKIP)',
    '    Whether commands of this connection are answered.',
    'SETINFO (LIB-NAME|LIB-VER) <value>',
    '    Tell the name or version of the client library.',
    'SETNAME <name>',
    '    Name this connection.',
    'TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]',
    '         [OPTIN] [OPTOUT] [NOLOOP]',
    '    Tell this connection, or another, of keys that change, for its cache.',
    'TRACKINGINFO',
    '    Return how this connection uses tracking.',
    'UNBLOCK <clientid> [TIMEOUT|ERROR]',
    '    End the waiting of a blocked client.',
    'UNPAUSE',
    '    End CLIENT PAUSE.',
  ]);
}
