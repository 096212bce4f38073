import { fails, type Story } from '../story.ts';

const wrongType = fails('WRONGTYPE Operation against a key holding the wrong kind of value');
const syntax = fails('ERR syntax error');
const notFloat = fails('ERR timeout is not a float or out of range');

/** Here nobody can wait, as inside MULTI; packages/server/test/blocking.test.ts has those who do. */
export const blockingStories: readonly Story[] = [
  {
    name: 'blocking commands that find nothing',
    steps: [
      ['BLPOP a b 0', null],
      ['BRPOP a 1.5', null],
      ['BLMOVE a b LEFT RIGHT 0', null],
      ['BRPOPLPUSH a b 0', null],
      ['BLMPOP 0 2 a b LEFT COUNT 3', null],
      ['BZPOPMIN a b 0', null],
      ['BZPOPMAX a 0', null],
      ['BZMPOP 0 2 a b MAX', null],
    ],
  },
  {
    name: 'blocking commands that are refused',
    steps: [
      ['SET str x', 'OK'],
      ['BLPOP none str 0', wrongType],
      ['BLPOP str x', notFloat],
      ['BRPOP a -1', fails('ERR timeout is negative')],
      ['BLPOP', fails("ERR wrong number of arguments for 'blpop' command")],
      ['BLMOVE str b LEFT LEFT 0', wrongType],
      ['BLMOVE a b UP LEFT x', syntax],
      ['BLMOVE a b LEFT LEFT x', notFloat],
      ['BRPOPLPUSH str b 0', wrongType],
      ['BZPOPMIN none str 0', wrongType],
      ['BLMPOP x 0 a LEFT', fails('ERR numkeys should be greater than 0')],
      ['BLMPOP x 1 a UP', syntax],
      ['BLMPOP x 1 a LEFT', notFloat],
      ['BLMPOP 0 2 a LEFT', syntax],
      ['BLMPOP 0 1 a LEFT COUNT', syntax],
      ['BLMPOP 0 1 a LEFT COUNT 0', fails('ERR count should be greater than 0')],
      ['BLMPOP 0 1 a LEFT COUNT 1 COUNT 2', syntax],
      ['BLMPOP 0 1 str RIGHT', wrongType],
      ['BZMPOP 0 1 a LEFT', syntax],
      ['BZMPOP -1 1 a MIN', fails('ERR timeout is negative')],
      ['BZMPOP 0 1 str MIN', wrongType],
    ],
  },
];
