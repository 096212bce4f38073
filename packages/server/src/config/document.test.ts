import { expect, test } from 'vitest';
import { chapters } from './registry.ts';

/** docs/configuration.md is made of the registry: `npx vitest run packages/server/src/config -u` writes it again. */
test('docs/configuration.md tells what the registry says', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/configuration.md');
});

function page(): string {
  return [intro, ...chapters.map(chapterText), notValues].join('\n');
}

function chapterText({ title, directives }: (typeof chapters)[number]): string {
  const code = (text: string): string => (text === '' ? '' : `\`${text}\``);
  const rows = directives
    .filter((row) => !row.isHidden)
    .map((row) => {
      const names = row.alias === undefined ? code(row.name) : `${code(row.name)}, ${code(row.alias)}`;
      const isFixed = row.isImmutable || row.startOnly !== undefined;
      const change = isFixed ? 'at start' : row.isProtected ? 'protected' : 'any time';
      return [names, code(row.defaultValue), row.type.shape, row.effect, change, row.note ?? ''];
    });
  return `## ${title}\n\n${table([['directive', 'default', 'value', 'effect', 'may change', 'note'], ...rows])}`;
}

/** Columns padded as oxfmt pads them. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = cells[0].map((_, column) => Math.max(3, ...cells.map((row) => row[column].length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |\n`;
  const [head, ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('');
}

const intro = `# Configuration

\`kvartz-node\` reads the directives of redis.conf (Redis 7.2), from a file and from the command line, as redis-server does:

\`\`\`
kvartz-node [file.conf] [-] [--directive value ...]
\`\`\`

The file comes first, then standard input (a bare \`-\`, first or last), then the command line; what comes later overrules
what came before. \`CONFIG GET\`, \`CONFIG SET\` and \`CONFIG REWRITE\` work on the same directives. In code, \`startNode()\` takes
them by name: \`{ port: 0, 'cluster-enabled': true }\`.

**effect**: a directive that _works_ does what it does in Redis. One that is _accepted_ is read, checked and shown, and has no
effect in this version; if a configuration gives it another value than the default, the server says so in one line of its
log when it starts. A directive that is in none of these tables is an error, which names the line.

**may change**: _any time_ by \`CONFIG SET\`; _protected_ ones only with \`enable-protected-configs\`; others _at start_.
`;

const notValues = `## Directives that are not values

${table([
  ['directive', 'here'],
  ['`include pattern`', 'works; with wildcards it may find nothing'],
  ['`rename-command name new-name`', 'works; an empty new name removes the command'],
  ['`user`', 'an error: ACL users are not supported yet, use `requirepass`'],
  ['`loadmodule`, `module.option`', 'an error: Kvartz does not load modules'],
  ['`sentinel`', 'an error'],
  ['`list-max-ziplist-entries`, `list-max-ziplist-value`, `lua-replicate-commands`', 'ignored, as in Redis'],
])}`;
