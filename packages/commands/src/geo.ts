import type { CommandContext } from './context.ts';
import { geoadd } from './geo/geoadd.ts';
import { geodist } from './geo/geodist.ts';
import { geohash, geopos } from './geo/geopos.ts';
import {
  georadius,
  georadiusbymember,
  georadiusbymemberRo,
  georadiusRo,
  geosearch,
  geosearchstore,
} from './geo/georadius.ts';
import { type CommandSpec, defineCommands } from './spec.ts';

const searchComplexity = 'O(n + log m): n members in the area around what is searched, of m';

export const geoCommands: readonly CommandSpec<CommandContext>[] = defineCommands<CommandContext>([
  {
    name: 'geoadd',
    summary: 'Adds members with their longitude and latitude, or moves them.',
    complexity: 'O(log n) for each member',
    run: geoadd,
  },
  {
    name: 'geodist',
    summary: 'Gives the distance between two members.',
    complexity: 'O(1)',
    run: geodist,
  },
  {
    name: 'geohash',
    summary: 'Gives the positions of members as geohash strings.',
    complexity: 'O(n) in the number of members asked for',
    run: geohash,
  },
  {
    name: 'geopos',
    summary: 'Gives longitude and latitude of members.',
    complexity: 'O(n) in the number of members asked for',
    run: geopos,
  },
  {
    name: 'georadius',
    summary: 'Gives or stores the members within a distance of a position.',
    complexity: searchComplexity,
    run: georadius,
  },
  {
    name: 'georadius_ro',
    summary: 'Gives the members within a distance of a position.',
    complexity: searchComplexity,
    run: georadiusRo,
  },
  {
    name: 'georadiusbymember',
    summary: 'Gives or stores the members within a distance of a member.',
    complexity: searchComplexity,
    run: georadiusbymember,
  },
  {
    name: 'georadiusbymember_ro',
    summary: 'Gives the members within a distance of a member.',
    complexity: searchComplexity,
    run: georadiusbymemberRo,
  },
  {
    name: 'geosearch',
    summary: 'Gives the members within a circle or a box.',
    complexity: searchComplexity,
    run: geosearch,
  },
  {
    name: 'geosearchstore',
    summary: 'Stores the members within a circle or a box under another key.',
    complexity: searchComplexity,
    run: geosearchstore,
  },
]);
