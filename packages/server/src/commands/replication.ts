import { defineCommands, integerAt, isKeyword, NOT_INTEGER, SYNTAX_ERROR, textAt } from '@kvartz/commands';
import type { Args } from '@kvartz/resp';
import type { ServerContext } from '../context.ts';
import type { AttachedReplica } from '../replication/attached-replica.ts';
import { replyWhenDone } from './deferred.ts';

export const replicationCommands = defineCommands<ServerContext>([
  {
    name: 'replicaof',
    summary: 'Makes this server a replica of another, or a master.',
    complexity: 'O(1)',
    run: replicaof,
  },
  {
    name: 'slaveof',
    summary: 'Makes this server a replica of another, or a master.',
    complexity: 'O(1)',
    run: replicaof,
  },
  {
    name: 'psync',
    summary: 'For replicas: goes on with the stream, or begins with a snapshot.',
    complexity: 'O(1)',
    run: psync,
  },
  { name: 'sync', summary: 'For replicas: begins with a snapshot.', complexity: 'O(1)', run: sync },
  {
    name: 'replconf',
    summary: 'For replicas: what the master is to know of them.',
    complexity: 'O(1)',
    run: replconf,
  },
  { name: 'role', summary: 'Whether the server is a master or a replica.', complexity: 'O(1)', run: role },
  { name: 'wait', summary: 'Waits until replicas have what was written.', complexity: 'O(1)', run: wait },
]);

function replicaof({ kernel, reply }: ServerContext, args: Args): void {
  const { replication } = kernel;
  if (kernel.cluster !== undefined) return reply.error('ERR REPLICAOF not allowed in cluster mode.');
  if (isKeyword(args, 1, 'no') && isKeyword(args, 2, 'one')) {
    if (replication.role !== undefined) {
      replication.lead();
      kernel.config.note('replicaof', '');
      kernel.log.notice('MASTER MODE enabled (user request)');
    }
    return reply.ok();
  }
  const port = integerAt(args, 2);
  if (!(port >= 0 && port <= 65_535)) return reply.error('ERR Invalid master port');
  const host = textAt(args, 1);
  if (replication.role?.host === host && replication.role.port === port) {
    kernel.log.notice('REPLICAOF would result into synchronization with the master we are already connected with.');
    return reply.simple('OK Already connected to specified master');
  }
  replication.follow(host, port);
  kernel.config.note('replicaof', `${host} ${port}`);
  kernel.log.notice(`REPLICAOF ${host}:${port} enabled (user request)`);
  reply.ok();
}

/** PSYNC replication-id offset. Answered past the replies of commands: what follows is no reply any more. */
function psync(context: ServerContext, args: Args): void {
  const wanted = integerAt(args, 2);
  if (!Number.isFinite(wanted)) return context.reply.error(NOT_INTEGER);
  if (canServe(context)) context.kernel.replication.psync(context.client, textAt(args, 1), wanted);
}

/** The way of servers before 2.8, and of tools: a snapshot of a known size and then the stream, without a word before. */
function sync(context: ServerContext): void {
  if (!canServe(context)) return;
  const { client, kernel } = context;
  kernel.replication.infoOf(client).isPlain = true;
  kernel.replication.psync(client, '?', -1);
}

function canServe({ client, kernel, reply }: ServerContext): boolean {
  const { replication } = kernel;
  if (client.replica !== undefined && client.replica.isAttached) return false;
  if (replication.role === undefined || replication.role.state === 'connected') return true;
  reply.error("NOMASTERLINK Can't SYNC while not connected with my master");
  return false;
}

function replconf({ client, kernel, reply }: ServerContext, args: Args): void {
  if (args.count % 2 === 0) return reply.error(SYNTAX_ERROR);
  const { replication } = kernel;
  for (let i = 1; i < args.count; i += 2) {
    const option = textAt(args, i).toLowerCase();
    const value = textAt(args, i + 1);
    switch (option) {
      case 'listening-port': {
        const port = integerAt(args, i + 1);
        if (!Number.isFinite(port)) return reply.error(NOT_INTEGER);
        replication.infoOf(client).listeningPort = port;
        break;
      }
      case 'ip-address':
        if (value.length > ipBytesMax) {
          return reply.error(`ERR REPLCONF ip-address provided by replica instance is too long: ${value.length} bytes`);
        }
        replication.infoOf(client).announcedIp = value;
        break;
      case 'capa':
        if (value.toLowerCase() === 'eof') replication.infoOf(client).canEof = true;
        else if (value.toLowerCase() === 'psync2') replication.infoOf(client).canPsync2 = true;
        break;
      case 'version':
        replication.infoOf(client).version = value;
        break;
      case 'ack':
        // No reply: the replica reads the stream.
        if (client.replica !== undefined) noteAck(kernel, client.replica, args, i);
        return;
      case 'getack':
        return;
      case 'rdb-only':
        break;
      default:
        return reply.error(`ERR Unrecognized REPLCONF option: ${textAt(args, i)}`);
    }
  }
  reply.ok();
}

const ipBytesMax = 46;

/** REPLCONF ACK offset [FACK offset] */
function noteAck({ replication }: ServerContext['kernel'], replica: AttachedReplica, args: Args, at: number): void {
  const offset = integerAt(args, at + 1);
  if (!Number.isFinite(offset)) return;
  const fsynced = args.count > at + 3 && isKeyword(args, at + 2, 'fack') ? integerAt(args, at + 3) : 0;
  replication.acked(replica, offset, Number.isFinite(fsynced) ? fsynced : 0);
}

function role({ kernel, reply }: ServerContext): void {
  const { replication } = kernel;
  const { role: following } = replication;
  if (following !== undefined) {
    reply.array(5);
    reply.bulkText('slave');
    reply.bulkText(following.host);
    reply.integer(following.port);
    reply.bulkText(following.state);
    reply.integer(following.state === 'connected' ? replication.offset : -1);
    return;
  }
  const online = [...replication.replicas.values()].filter(({ state }) => state === 'online');
  reply.array(3);
  reply.bulkText('master');
  reply.integer(replication.offset);
  reply.array(online.length);
  for (const replica of online) {
    reply.array(3);
    reply.bulkText(replica.address);
    reply.bulkInteger(replica.listeningPort);
    reply.bulkInteger(replica.ackOffset);
  }
}

/** WAIT numreplicas timeout */
function wait(context: ServerContext, args: Args): void {
  const { client, kernel, reply } = context;
  const { replication } = kernel;
  if (replication.isReplica) return reply.error(`ERR WAIT ${NOT_ON_REPLICAS}`);
  const wanted = integerAt(args, 1);
  const timeoutMs = integerAt(args, 2);
  if (!Number.isFinite(wanted)) return reply.error(NOT_INTEGER);
  if (!Number.isFinite(timeoutMs)) return reply.error('ERR timeout is not an integer or out of range');
  if (timeoutMs < 0) return reply.error('ERR timeout is negative');
  const count = (): number => replication.waiters.countAt(client.writeOffset);
  if (count() >= wanted || context.isInExec) return reply.integer(count());
  replication.askForAcks();
  replyWhenDone(
    context,
    replication.waiters.wait(client, () => count() >= wanted, timeoutMs),
    (answer) => answer.integer(count()),
  );
}

const NOT_ON_REPLICAS =
  'cannot be used with replica instances. Please also note that since Redis 4.0 if a replica is configured to be writable ' +
  '(which is not the default) writes to replicas are just local and are not propagated.';
