/**
 * Client-side caching in scenes: `0: GET a; SET b 1` is what connection 0 sends at once, `0:` alone that it reconnects. After
 * each line every connection must have received the same bytes from both servers.
 */
export const trackingScenes: Readonly<Record<string, string>> = {
  'options and errors': `
    0: CLIENT TRACKING
    0: CLIENT TRACKING foo
    0: CLIENT TRACKING ON foo
    0: CLIENT TRACKING ON PREFIX
    0: CLIENT TRACKING ON PREFIX a
    0: CLIENT TRACKING foo PREFIX a
    0: CLIENT TRACKING OFF PREFIX a
    0: CLIENT TRACKING ON REDIRECT
    0: CLIENT TRACKING ON REDIRECT x
    0: CLIENT TRACKING ON REDIRECT 0
    0: CLIENT TRACKING ON REDIRECT -1
    0: CLIENT TRACKING ON REDIRECT 999999
    0: CLIENT TRACKING ON REDIRECT <id 1> REDIRECT <id 1>
    0: CLIENT TRACKING ON BCAST OPTIN
    0: CLIENT TRACKING ON BCAST OPTOUT
    0: CLIENT TRACKING ON OPTIN OPTOUT
    0: CLIENT CACHING YES
    0: CLIENT TRACKINGINFO
    0: CLIENT GETREDIR
    0: CLIENT TRACKING ON OPTIN
    0: CLIENT TRACKING ON BCAST
    0: CLIENT TRACKING ON OPTOUT
    0: CLIENT TRACKING ON
    0: CLIENT TRACKINGINFO
    0: CLIENT TRACKING ON OPTIN NOLOOP
    0: CLIENT CACHING foo
    0: CLIENT CACHING NO
    0: CLIENT CACHING YES
    0: CLIENT TRACKINGINFO; CLIENT TRACKINGINFO; PING; CLIENT TRACKINGINFO
    0: CLIENT TRACKING OFF
    0: CLIENT TRACKING OFF
    0: CLIENT TRACKING ON OPTOUT
    0: CLIENT TRACKING ON OPTIN
    0: CLIENT CACHING YES
    0: CLIENT CACHING NO
    0: CLIENT TRACKINGINFO
    0: CLIENT LIST ID <id 0>
    0: CLIENT TRACKING OFF
    0: CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar
    0: CLIENT TRACKINGINFO
    0: CLIENT TRACKING ON BCAST PREFIX foobar
    0: CLIENT TRACKING ON BCAST PREFIX f
    0: CLIENT TRACKING ON BCAST PREFIX foo
    0: CLIENT TRACKING ON BCAST
    0: CLIENT TRACKING ON BCAST PREFIX x PREFIX xy
    0: CLIENT TRACKING ON BCAST PREFIX zap NOLOOP
    0: CLIENT TRACKINGINFO
    0: CLIENT LIST ID <id 0>
    0: INFO stats
    0: INFO clients
    0: CLIENT TRACKING ON
    0: RESET
    0: CLIENT TRACKINGINFO
    0: CLIENT TRACKING ON REDIRECT <id 1> NOLOOP
    0: CLIENT TRACKINGINFO
    0: CLIENT LIST ID <id 0>`,

  'pushes on the same connection': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a; MGET b c a
    1: SET a 1
    1: SET a 2
    0: GET a
    1: APPEND a x
    1: DEL b
    1: MSET c 1 d 2
    0: GET none
    1: EXPIRE none 10
    1: SET none 1
    0: EXISTS none nope; TYPE k; STRLEN l; TTL t; OBJECT ENCODING o; DBSIZE
    1: SET nope 1; SET k 1; SET l 1; SET t 1; SET o 1
    0: GETEX a EX 100
    0: GETSET b 1
    1: SET a 1; SET b 2
    0: INFO stats`,

  'what the client itself changes': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a; SET a 1; GET a
    0: INCR a; INCR a
    0: GET a; MULTI; SET a 1; GET a; INCR a; EXEC; GET a
    0: MULTI; GET b; GET c; EXEC
    1: SET b 1; SET c 1
    0: CLIENT TRACKING OFF; CLIENT TRACKING ON NOLOOP
    0: GET a; SET a 1
    1: SET a 1
    0: GET a
    1: SET a 1
    0: GET e; MULTI; SET e 1; EXEC
    1: SET e 2`,

  'by lazy expiry': `
    2: DEBUG SET-ACTIVE-EXPIRE 0
    0: HELLO 3
    0: CLIENT TRACKING ON
    1: SET a 1 PX 1
    1: DEBUG SLEEP 0.02
    0: GET a
    1: SET a 1
    1: SET b 1 PXAT 99999999999999
    0: GET b
    1: PEXPIREAT b 1
    1: GET b
    0: TTL c
    1: SET c 1 PX 1
    1: DEBUG SLEEP 0.02
    2: EXISTS c
    2: DEBUG SET-ACTIVE-EXPIRE 1`,

  'RESP2 through another connection': `
    0: CLIENT TRACKING ON REDIRECT <id 1>
    0: GET a
    2: SET a 1
    1: SUBSCRIBE __redis__:invalidate
    0: GET a; GET b
    2: SET a 1
    2: MSET a 1 b 2
    2: FLUSHALL
    1: UNSUBSCRIBE
    0: GET a
    2: SET a 1
    1: SUBSCRIBE another
    0: GET a
    2: SET a 1
    0: CLIENT LIST ID <id 0>
    1:
    0: GET a
    2: SET a 1
    0: CLIENT TRACKINGINFO
    0: CLIENT LIST ID <id 0>
    0: CLIENT TRACKING ON REDIRECT <id 1>
    0: CLIENT TRACKINGINFO
    0: CLIENT TRACKING ON
    0: GET a
    2: SET a 1`,

  'a client that redirects to itself': `
    0: CLIENT TRACKING ON REDIRECT <id 0>
    0: GET a
    1: SET a 1
    0: GET a; SUBSCRIBE ch
    1: SET a 1`,

  'RESP3 through another connection': `
    0: HELLO 3
    1: HELLO 3
    0: CLIENT TRACKING ON REDIRECT <id 1>
    0: GET a
    2: SET a 1
    0: GET a; SET a 2
    2: FLUSHDB
    1: CLIENT TRACKING ON
    1: GET x
    0: GET x
    2: SET x 1
    1:
    0: GET a; GET b
    2: SET a 1
    2: SET b 1
    0: CLIENT TRACKINGINFO
    0: SET c 1; GET c; SET c 2; GET c
    2: FLUSHALL
    0: CLIENT TRACKING OFF; CLIENT TRACKINGINFO`,

  'everything is gone': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    1: HELLO 3
    1: CLIENT TRACKING ON BCAST
    0: GET a; GET b
    2: FLUSHALL
    2: SET a 1
    0: GET a
    2: SELECT 5; FLUSHDB
    2: SET a 1
    0: FLUSHALL; PING
    0: MULTI; FLUSHALL; FLUSHDB; PING; EXEC; PING
    1: FLUSHDB ASYNC; PING
    0: CLIENT TRACKING ON NOLOOP; FLUSHALL
    0: GET a
    2: SELECT 0; SET a 1; SWAPDB 0 1
    0: GET a
    2: SET a 5
    2: SWAPDB 1 0
    2: SWAPDB 3 3`,

  'databases are one to the table': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a
    1: SELECT 3; SET a 1
    0: SELECT 2; GET a
    1: MOVE a 4
    0: GET a; GET b
    1: SET a 1; COPY a b DB 7; RENAME a c`,

  broadcast: `
    0: HELLO 3
    1: HELLO 3
    0: CLIENT TRACKING ON BCAST
    1: CLIENT TRACKING ON BCAST PREFIX a PREFIX user:
    2: SET a 1; SET b 2; SET a 3; SET user:9 x; SET user:10 x
    2: GET a; GET none; DEL none
    2: MULTI; SET z 1; SET a 2; EXEC; DEL a
    0: SET a 1; GET a; SET a 2
    1: SET ab 1; SET c 1
    2: EXPIRE ab 100; PERSIST ab; DEL ab
    2: SADD set 1; SREM set 1; RPUSH list 1; LMOVE list other LEFT RIGHT
    0: CLIENT TRACKING ON BCAST NOLOOP
    0: SET a 1; SET b 2
    1: SET b 2; SET ax 1
    0: CLIENT TRACKING OFF
    2: SET a 1
    0: INFO stats
    1: CLIENT TRACKING ON BCAST PREFIX zz
    2: SET zzz 1; SET aaa 1; SET user: 1
    1: RESET
    0: INFO stats`,

  'broadcast to another connection': `
    0: CLIENT TRACKING ON BCAST PREFIX a REDIRECT <id 1>
    1: SUBSCRIBE __redis__:invalidate
    2: SET a 1; SET ab 1; SET b 1
    0: SET abc 1
    1:
    2: SET a 1
    0: CLIENT TRACKINGINFO`,

  'only what is asked for': `
    0: HELLO 3
    0: CLIENT TRACKING ON OPTIN
    0: GET a
    0: CLIENT CACHING YES; GET b; GET c
    0: CLIENT CACHING YES; PING; GET d
    0: CLIENT CACHING YES; CLIENT GETNAME; GET e
    0: CLIENT CACHING YES; MULTI; GET f; GET g; EXEC; GET h
    0: CLIENT CACHING YES; nosuch; GET i
    0: CLIENT CACHING YES; GET; GET j
    0: MULTI; CLIENT CACHING YES; GET k; GET l; EXEC; GET m
    0: CLIENT CACHING YES; MULTI; DISCARD; GET n
    1: MSET a 1 b 1 c 1 d 1 e 1 f 1 g 1 h 1
    1: MSET i 1 j 1 k 1 l 1 m 1 n 1`,

  'all but what is not wanted': `
    0: HELLO 3
    0: CLIENT TRACKING ON OPTOUT
    0: GET a
    0: CLIENT CACHING NO; GET b; GET c
    0: CLIENT CACHING NO; MULTI; GET d; EXEC; GET e
    1: MSET a 1 b 1 c 1 d 1 e 1`,

  'clients that come and go': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a
    0:
    1: SET a 1
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a
    1: HELLO 3; CLIENT TRACKING ON; GET a
    2: SET a 1
    0: GET a
    0: HELLO 2
    2: SET a 1
    0: GET a
    0: HELLO 3
    2: SET a 1
    0: GET a; CLIENT TRACKING OFF
    2: SET a 1
    0: CLIENT TRACKING ON; GET a; CLIENT TRACKING OFF; CLIENT TRACKING ON BCAST
    2: SET a 1`,

  'a table of few keys': `
    2: CONFIG SET tracking-table-max-keys 1
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a
    0: GET a
    1: SET a 1
    2: CONFIG SET tracking-table-max-keys 1000000`,

  'blocked clients and pushes': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    0: GET a; LLEN l; BLPOP l 0
    1: SET a 1
    1: RPUSH l x
    0: LLEN l; BLPOP l 0
    1: MULTI; SET a 1; RPUSH l 1; EXEC`,

  'wrong types and other errors': `
    0: HELLO 3
    0: CLIENT TRACKING ON
    1: RPUSH l 1
    0: GET l; GET; HGET x
    1: RPUSH l 2
    0: LINDEX l x; ZRANGE z a b; SINTER s1 s2; SORT_RO q BY w_* GET v_*
    1: DEL l; SADD s1 1; SADD s2 1; ZADD z 1 1; SADD q 1; SET w_1 1; SET v_1 1`,
};
