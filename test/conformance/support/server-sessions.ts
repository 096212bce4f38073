/**
 * What a client may send to the commands about connections, transactions and the server: by the name of the session, one
 * request a line, words as a shell would split them. Every reply must be the one of redis-server, byte for byte.
 */
export const serverSessions: Readonly<Record<string, string>> = {
  pubsub: `
    PUBSUB CHANNELS
    PUBSUB NUMPAT
    PUBSUB NUMSUB
    PUBSUB NUMSUB a b
    PUBSUB SHARDCHANNELS
    PUBSUB SHARDNUMSUB a
    PUBSUB CHANNELS a b
    PUBSUB NUMPAT x
    PUBSUB NONSENSE
    PUBSUB
    PUBLISH a b
    PUBLISH a
    SPUBLISH a b
    SUBSCRIBE
    UNSUBSCRIBE
    UNSUBSCRIBE a
    PUNSUBSCRIBE
    SUNSUBSCRIBE
    SUBSCRIBE a
    SUBSCRIBE a
    PSUBSCRIBE p*
    PING
    PING hello
    SSUBSCRIBE s
    UNSUBSCRIBE a
    PUNSUBSCRIBE p*
    SUNSUBSCRIBE s
    PING
  `,
  latency: `
    LATENCY
    LATENCY NONSENSE
    LATENCY LATEST
    LATENCY LATEST x
    LATENCY HISTORY
    LATENCY HISTORY command
    LATENCY HISTORY a b
    LATENCY GRAPH
    LATENCY GRAPH command
    LATENCY RESET
    LATENCY RESET command nothing
    LATENCY HISTOGRAM nothing
    LATENCY HISTOGRAM zadd nothing
  `,
  module: `
    MODULE
    MODULE LIST
    MODULE LIST x
    MODULE NONSENSE
    MODULE LOAD
    MODULE LOAD /nowhere.so
    MODULE LOADEX /nowhere.so
    MODULE UNLOAD nothing
  `,
  monitor: `
    MONITOR x
    MULTI
    MONITOR
    EXEC
  `,
  connection: `
    PING
    PING hello
    PING a b
    ECHO hello
    ECHO ''
    ECHO
    SELECT 16
    SELECT -1
    SELECT a
    SELECT 99999999999
    SELECT 2147483648
    SELECT 2147483647
    SELECT -2147483649
    SELECT 5
    SELECT 0
    QUIT`,
  hello: `
    HELLO 4
    HELLO abc
    HELLO 99999999999999999999
    HELLO 3 AUTH default
    HELLO 3 AUTH a b
    HELLO 3 SETNAME 'a b'
    HELLO 3 SETNAME
    HELLO 3 SETNAME foo AUTH a b
    CLIENT GETNAME
    HELLO 2 SETNAME
    HELLO 2 FOO`,
  'authentication without a password': `
    AUTH
    AUTH x
    AUTH a b
    AUTH default b
    AUTH a b c`,
  'authentication with a password': `
    CONFIG SET requirepass sesame
    RESET
    PING
    NOSUCH
    GET
    CONFIG nosuch
    HELLO
    HELLO 3 AUTH default x
    AUTH x
    AUTH alice sesame
    AUTH default sesame x
    AUTH sesame
    PING
    MULTI
    AUTH x
    EXEC
    CONFIG SET requirepass ''
    PING`,
  reset: `
    SELECT 3
    SET a 1
    MULTI
    RESET
    GET a
    RESET a
    EXEC`,
  'unknown commands': `
    NOSUCH
    NOSUCH a b c
    NOSUCH 'a b' ''
    config|get a
    GET
    SET a`,
  client: `
    CLIENT
    CLIENT nosuch
    CLIENT SETNAME 'a b'
    CLIENT SETNAME ''
    CLIENT GETNAME
    CLIENT SETNAME abc
    CLIENT GETNAME
    CLIENT GETREDIR
    CLIENT ID a
    CLIENT INFO a
    CLIENT LIST TYPE foo
    CLIENT LIST TYPE replica
    CLIENT LIST TYPE master
    CLIENT LIST TYPE slave
    CLIENT LIST TYPE pubsub
    CLIENT LIST ID 100001 200000
    CLIENT LIST ID a
    CLIENT LIST ID
    CLIENT LIST FOO
    CLIENT LIST FOO bar
    CLIENT LIST TYPE
    CLIENT REPLY foo
    CLIENT REPLY
    CLIENT REPLY ON
    CLIENT PAUSE a
    CLIENT PAUSE -1
    CLIENT PAUSE 0
    CLIENT PAUSE 1 foo
    CLIENT pAuse 1 write foo
    CLIENT PAUSE 99999999999999999999
    CLIENT PAUSE 10 WRITE
    CLIENT UNPAUSE
    CLIENT UNBLOCK a
    CLIENT UNBLOCK 999999
    CLIENT UNBLOCK 999999 foo
    CLIENT UNBLOCK 999999 timeout
    CLIENT uNblock 999999 error x
    CLIENT NO-EVICT on
    CLIENT NO-EVICT foo
    CLIENT NO-EVICT off
    CLIENT TRACKINGINFO
    CLIENT TRACKING foo
    CLIENT TRACKING off
    CLIENT CACHING yes
    CLIENT CACHING foo`,
  'client kill': `
    CLIENT KILL
    CLIENT KILL foo
    CLIENT KILL 127.0.0.1:1
    CLIENT KILL ID a
    CLIENT KILL ID 0
    CLIENT KILL ID -1
    CLIENT KILL ID 99999999
    CLIENT KILL TYPE foo
    CLIENT KILL TYPE slave
    CLIENT KILL ADDR 1.1.1.1:1
    CLIENT KILL LADDR 1.1.1.1:1
    CLIENT KILL USER nosuch
    CLIENT KILL USER default ID 9999999
    CLIENT KILL SKIPME foo
    CLIENT KILL SKIPME yes ID 99999
    CLIENT KILL FOO bar
    CLIENT KILL ID 1 TYPE
    CLIENT KILL ID 1 TYPE normal SKIPME`,
  transactions: `
    EXEC
    DISCARD
    UNWATCH
    MULTI
    MULTI
    SET a 1
    GET
    EXEC
    MULTI
    WATCH a
    SET a 1
    INCR a
    EXEC
    MULTI a
    MULTI
    DISCARD
    MULTI
    NOSUCH a b c d e
    EXEC
    MULTI
    SHUTDOWN
    EXEC
    MULTI
    CONFIG nosuch
    EXEC
    MULTI
    EXEC
    MULTI
    EXEC a
    EXEC
    MULTI
    SELECT 3
    SET foo bar
    CLIENT GETNAME
    HELLO 5
    EXEC
    GET foo
    MULTI
    INCR foo
    SET b 1
    PING x
    EXEC`,
  watch: `
    WATCH
    WATCH a
    SET a 2
    MULTI
    GET a
    EXEC
    WATCH a
    GET a
    MULTI
    GET a
    EXEC
    WATCH a
    SET a 3
    UNWATCH
    MULTI
    GET a
    EXEC
    WATCH a
    DEL a
    MULTI
    PING
    EXEC
    WATCH nokey
    FLUSHDB
    MULTI
    PING
    EXEC
    SET a 1
    WATCH a
    FLUSHALL
    MULTI
    PING
    EXEC
    SET a 1
    WATCH a
    SWAPDB 0 1
    MULTI
    PING
    EXEC
    WATCH a
    SWAPDB 0 1
    MULTI
    PING
    EXEC
    SET a 1
    SELECT 1
    WATCH a
    SELECT 0
    SET a 2
    MULTI
    PING
    EXEC`,
  config: `
    CONFIG
    CONFIG nosuch
    CONFIG RESETSTAT
    CONFIG RESETSTAT a
    CONFIG REWRITE
    CONFIG REWRITE a
    CONFIG GET
    CONFIG GET nosuch
    CONFIG GET maxmemory
    CONFIG GET MAXMEMORY
    CONFIG GET max*samples
    CONFIG GET [m]axmemory-s?mples
    CONFIG GET slaveof
    CONFIG GET watchdog-period
    CONFIG GET watchdog*
    CONFIG SET a
    CONFIG SET
    CONFIG SET a b
    CONFIG SET a b c
    CONFIG SET maxmemory 1 foo bar
    CONFIG SET maxmemory abc
    CONFIG SET MAXmemory abc
    CONFIG SET maxmemory ''
    CONFIG SET databases 4
    CONFIG SET Databases 4
    CONFIG SET maxclients 0
    CONFIG SET maxclients -1
    CONFIG SET timeout -1
    CONFIG SET timeout 99999999999999999999
    CONFIG SET hz 20 hz 30
    CONFIG SET hz 1000
    CONFIG GET hz
    CONFIG SET hz 10
    CONFIG SET slave-read-only x
    CONFIG SET appendonly maybe
    CONFIG SET loglevel loud
    CONFIG SET maxmemory-policy loud
    CONFIG SET save '10 a'
    CONFIG SET save '10 20 30'
    CONFIG SET save '10  20'
    CONFIG SET save '10 20'
    CONFIG GET save
    CONFIG SET save ''
    CONFIG GET save
    CONFIG SET client-output-buffer-limit 'normal 1 2'
    CONFIG SET client-output-buffer-limit 'master 1 2 3'
    CONFIG SET client-output-buffer-limit 'normal 1 x 3'
    CONFIG SET client-output-buffer-limit 'replica 1mb 2kb 10'
    CONFIG GET client-output-buffer-limit
    CONFIG SET client-query-buffer-limit 1
    CONFIG SET proto-max-bulk-len 12
    CONFIG SET dir /
    CONFIG SET dbfilename foo
    CONFIG SET replicaof 'a 1'
    CONFIG SET unixsocketperm 3
    CONFIG SET notify-keyspace-events KEAq
    CONFIG SET notify-keyspace-events KEA
    CONFIG GET notify-keyspace-events
    CONFIG SET notify-keyspace-events gKnm
    CONFIG GET notify-keyspace-events
    CONFIG SET notify-keyspace-events ''
    CONFIG SET latency-tracking-info-percentiles a
    CONFIG SET latency-tracking-info-percentiles '50 101'
    CONFIG SET latency-tracking-info-percentiles '50 99.90 99.995'
    CONFIG GET latency-tracking-info-percentiles
    CONFIG SET oom-score-adj-values '1 2'
    CONFIG SET oom-score-adj-values '1 2 3000'
    CONFIG SET maxmemory-clients x
    CONFIG SET maxmemory-clients 120%
    CONFIG SET maxmemory-clients 5%
    CONFIG GET maxmemory-clients
    CONFIG SET maxmemory-clients 0
    CONFIG SET shutdown-on-sigterm 'save nosave'
    CONFIG SET shutdown-on-sigterm 'nosave now'
    CONFIG GET shutdown-on-sigterm
    CONFIG SET shutdown-on-sigterm ''
    CONFIG SET shutdown-on-sigterm default
    CONFIG SET activedefrag yes
    CONFIG SET proc-title-template {foo}
    CONFIG SET cluster-announce-hostname a_b
    CONFIG SET list-max-ziplist-size x
    CONFIG SET maxmemory 20mb maxclients x
    CONFIG GET maxmemory`,
  snapshots: `
    SET a 1
    HSET h f v
    SAVE
    SAVE x
    BGSAVE x
    BGSAVE SCHEDULE x
    BGREWRITEAOF x
    DEBUG DIGEST
    DEBUG RELOAD
    DEBUG DIGEST
    DEBUG RELOAD FOO
    SET a 2
    SET b 2
    DEBUG RELOAD NOSAVE NOFLUSH MERGE
    MGET a b
    DEBUG RELOAD NOSAVE
    MGET a b
    MULTI
    SAVE
    EXEC
    CONFIG GET save
    CONFIG SET save '100 x'
    CONFIG SET save '3600 1'
    CONFIG GET save
    CONFIG SET save ''
    CONFIG SET rdbchecksum no
    CONFIG SET rdbcompression no
    CONFIG SET rdbcompression yes
    CONFIG SET dbfilename x.rdb
    CONFIG SET dbfilename a/b
    CONFIG SET stop-writes-on-bgsave-error maybe
    CONFIG GET stop-writes-on-bgsave-error
    SHUTDOWN ABORT
    SHUTDOWN SAVE NOSAVE
    SHUTDOWN SAVE x
    MULTI
    BGSAVE
    BGSAVE SCHEDULE
    EXEC`,
  command: `
    COMMAND nosuch
    COMMAND COUNT x
    COMMAND LIST x
    COMMAND LIST FILTERBY
    COMMAND LIST FILTERBY foo bar
    COMMAND LIST FILTERBY ACLCAT nosuch
    COMMAND LIST FILTERBY MODULE foo
    COMMAND LIST FILTERBY PATTERN getb*
    COMMAND INFO nosuch get
    COMMAND INFO config|get memory|usage object|encoding
    COMMAND DOCS nosuch
    COMMAND GETKEYS get a b c
    COMMAND GETKEYS mset a b c d
    COMMAND GETKEYS nosuch a
    COMMAND GETKEYS object encoding foo
    COMMAND GETKEYS config get foo
    COMMAND GETKEYS del a b
    COMMAND GETKEYSANDFLAGS set a b
    COMMAND GETKEYSANDFLAGS set a b get
    COMMAND GETKEYSANDFLAGS copy a b
    COMMAND GETKEYSANDFLAGS bitfield a get u8 0
    COMMAND GETKEYSANDFLAGS bitfield a set u8 0 1
    COMMAND GETKEYSANDFLAGS bitop and a b c
    COMMAND GETKEYSANDFLAGS memory usage a`,
  slowlog: `
    SLOWLOG
    SLOWLOG FOO
    SLOWLOG RESET
    SLOWLOG GET
    SLOWLOG GET a
    SLOWLOG GET -1
    SLOWLOG GET -2
    SLOWLOG gEt 1 2
    SLOWLOG LEN
    SLOWLOG LEN a`,
  memory: `
    MEMORY
    MEMORY FOO
    MEMORY PURGE
    MEMORY USAGE
    MEMORY USAGE nokey
    MEMORY USAGE nokey SAMPLES 5
    MEMORY USAGE nokey SAMPLES -1
    MEMORY USAGE nokey FOO
    MEMORY USAGE nokey SAMPLES
    MEMORY USAGE nokey SAMPLES x`,
  debug: `
    DEBUG
    DEBUG FOO
    DEBUG slEEp
    DEBUG SLEEP 0
    DEBUG SLEEP a
    DEBUG SET-ACTIVE-EXPIRE 1
    DEBUG SET-ACTIVE-EXPIRE
    DEBUG OBJECT nokey
    DEBUG ERROR 'FOO bar'
    DEBUG LOG x
    DEBUG PROTOCOL string
    DEBUG PROTOCOL integer
    DEBUG PROTOCOL double
    DEBUG PROTOCOL bignum
    DEBUG PROTOCOL null
    DEBUG PROTOCOL array
    DEBUG PROTOCOL set
    DEBUG PROTOCOL map
    DEBUG PROTOCOL verbatim
    DEBUG PROTOCOL true
    DEBUG PROTOCOL false
    DEBUG PROTOCOL foo
    DEBUG POPULATE -1
    DEBUG POPULATE a
    DEBUG POPULATE 3 pre 4
    MGET pre:0 pre:1 pre:2 pre:3
    DEBUG POPULATE 2
    MGET key:0 key:1`,
  replication: `
    WAIT 0 0
    WAIT 1 1
    WAIT -1 0
    WAIT a 0
    WAIT 0 a
    WAIT 0 -1
    REPLCONF
    REPLCONF a
    REPLCONF a b
    REPLCONF listening-port a
    REPLCONF listening-port 7000
    REPLCONF capa eof capa psync2
    REPLCONF ip-address 10.0.0.1
    REPLICAOF a
    REPLICAOF no one
    REPLICAOF 127.0.0.1 a
    REPLICAOF 127.0.0.1 65536
    SLAVEOF NO ONE
    SLAVEOF 127.0.0.1 -1
    ROLE
    INFO nosuch`,
  process: `
    ROLE
    ROLE a
    TIME a
    LASTSAVE a
    LOLWUT VERSION a
    INFO nosuch
    INFO cluster modules
    SHUTDOWN FOO
    SHUTDOWN ABORT
    SHUTDOWN ABORT NOW
    SHUTDOWN SAVE NOSAVE`,
};
