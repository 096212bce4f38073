export { type DirectiveValue, type ServerArguments, optionsOf, parseArguments } from './arguments.ts';
export { byteStringOfText, textOfByteString } from './byte-string.ts';
export { ConfigError, type ConfigOrigin } from './errors.ts';
export { type ConfigFile, type ConfigSources, type LoadedConfig, loadConfig, type RenamedCommand } from './load.ts';
export { rewriteConfigText } from './rewrite.ts';
export { type ConfigListener, type OutputBufferLimit, type SavePoint, ServerConfig } from './server-config.ts';
