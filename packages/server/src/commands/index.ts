import { aofCommands } from '../persistence/aof/aof-commands.ts';
import { saveCommands } from '../persistence/save-commands.ts';
import { shutdownCommands } from '../persistence/shutdown-command.ts';
import { clientCommands } from './client/index.ts';
import { commandCommands } from './command/index.ts';
import { configCommands } from './config.ts';
import { connectionCommands } from './connection.ts';
import { debugCommands } from './debug/index.ts';
import { bigKeysCommands } from './big-keys.ts';
import { hotKeysCommands } from './hotkeys/index.ts';
import { infoCommands } from './info/index.ts';
import { latencyCommands } from './latency/index.ts';
import { memoryCommands } from './memory.ts';
import { moduleCommands } from './module.ts';
import { monitorCommands } from './monitor.ts';
import { pubsubCommands } from './pubsub.ts';
import { replicationCommands } from './replication.ts';
import { processCommands } from './server.ts';
import { slowlogCommands } from './slowlog.ts';
import { transactionCommands } from './transactions.ts';

/** Commands about connections, transactions and the server itself. */
export const serverCommands = [
  ...connectionCommands,
  ...clientCommands,
  ...transactionCommands,
  ...pubsubCommands,
  ...configCommands,
  ...commandCommands,
  ...infoCommands,
  ...slowlogCommands,
  ...bigKeysCommands,
  ...hotKeysCommands,
  ...latencyCommands,
  ...memoryCommands,
  ...moduleCommands,
  ...monitorCommands,
  ...debugCommands,
  ...replicationCommands,
  ...processCommands,
  ...saveCommands,
  ...shutdownCommands,
  ...aofCommands,
];
