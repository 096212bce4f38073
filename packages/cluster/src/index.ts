export { BusSession, type BusSessionOptions, busVersion, frameBytesMax, RefusedError } from './bus-session.ts';
export { ClusterConfig, type Health, type NodeRecord } from './cluster-config.ts';
export { judgeCluster, type Verdict, writableDelayMs } from './cluster-health.ts';
export { type MessageStats } from './core-state.ts';
export { ClusterCore } from './core.ts';
export {
  describeInfo,
  describeLinks,
  describeNodes,
  describeReplicas,
  describeShards,
  describeSlots,
  type EndpointType,
  type HandshakeFacts,
  type LinkFacts,
  preferredEndpoint,
  type ReplyValue,
} from './describe.ts';
export type { ClusterStateName, Effect, EventName, Input, LinkId, OperatorCommand } from './effects.ts';
export { collectorsOf } from './failure-detector.ts';
export { decodeMessage, encodeMessage } from './frame-codec.ts';
export { FrameError } from './frame-error.ts';
export { FrameReader } from './frame-reader.ts';
export { forgetBanMs } from './handshakes.ts';
export {
  type Claim,
  type Fail,
  GossipFlag,
  type GossipEntry,
  type Heartbeat,
  type Message,
  MessageKind,
  type MessageKindName,
  type Report,
  type Update,
} from './messages.ts';
export { isNodeId, makeNodeId, type NodeId } from './node-id.ts';
export { formatNodeLine, type LineFacts } from './node-line.ts';
export { formatNodesConf, NodesConfError, parseNodesConf } from './nodes-conf.ts';
export { judgeClaim, type Judgement } from './ownership.ts';
export { NEVER, type Peer } from './peer.ts';
export { checkSettings, type CoreSettings, isIpAddress, SettingsError, tickMs } from './settings.ts';
