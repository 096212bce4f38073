"""What programs do with redis-py, against a running server: redis_py_use.py PORT CASE.

Each case asserts what it expects and ends with code 0; a failure is a traceback. Written for redis-py 4.3, the one of Debian.
"""
import sys
import threading
import time

import redis
from redis.cluster import RedisCluster

port = int(sys.argv[1])


def connect(**options):
    return redis.Redis(port=port, socket_timeout=10, **options)


def strings():
    r = connect(decode_responses=True)
    assert r.set("greeting", "hello") is True
    assert r.get("greeting") == "hello"
    assert r.get("absent") is None
    assert r.set("greeting", "again", nx=True) is None
    assert r.set("short", "lived", px=50) and r.pttl("short") > 0
    time.sleep(0.1)
    assert r.get("short") is None
    assert r.incr("counter", 5) == 5 and r.incrbyfloat("counter", 0.5) == 5.5
    assert r.mset({"a": "1", "b": "2"}) and r.mget(["a", "b", "c"]) == ["1", "2", None]
    assert r.setbit("bits", 7, 1) == 0 and r.bitcount("bits") == 1
    raw = connect()
    every = bytes(range(256))
    assert raw.set(every, every) and raw.get(every) == every
    assert raw.info("server")["redis_version"].count(".") == 2
    assert "maxmemory" in raw.config_get("maxmemory")


def collections():
    r = connect(decode_responses=True)
    assert r.hset("h", mapping={"a": 1, "b": 2}) == 2
    assert r.hgetall("h") == {"a": "1", "b": "2"} and r.hincrby("h", "a", 4) == 5
    assert r.rpush("l", *range(5)) == 5 and r.lrange("l", 1, -2) == ["1", "2", "3"]
    assert r.lmove("l", "m", "LEFT", "RIGHT") == "0" and r.lpos("l", "3") == 2
    assert r.sadd("s", "x", "y", "z") == 3 and r.smembers("s") == {"x", "y", "z"}
    assert r.sinter("s", "absent") == set() and r.smismember("s", ["x", "q"]) == [1, 0]
    assert r.zadd("z", {"one": 1, "two": 2.5, "inf": float("inf")}) == 3
    assert r.zrange("z", 0, -1, withscores=True) == [("one", 1.0), ("two", 2.5), ("inf", float("inf"))]
    assert r.zrangebyscore("z", "(1", "+inf", start=0, num=1) == ["two"] and r.zrank("z", "inf") == 2
    assert r.zpopmin("z") == [("one", 1.0)]
    assert r.geoadd("g", [13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"]) == 2
    assert r.geosearch("g", longitude=15, latitude=37, radius=200, unit="km", sort="ASC") == ["Catania", "Palermo"]
    assert r.pfadd("p", *range(100)) == 1 and 95 <= r.pfcount("p") <= 105
    assert r.sort("l", desc=True) == ["4", "3", "2", "1"]


def pipelines():
    r = connect(decode_responses=True)
    with r.pipeline(transaction=False) as pipe:
        for i in range(1000):
            pipe.set(f"key:{i}", i)
            pipe.get(f"key:{i}")
        replies = pipe.execute()
    assert replies == [reply for i in range(1000) for reply in (True, str(i))]
    with r.pipeline(transaction=False) as pipe:
        replies = pipe.set("a", "x").incr("a").get("a").execute(raise_on_error=False)
    assert replies[0] is True and isinstance(replies[1], redis.ResponseError) and replies[2] == "x"


def large_pipelines():
    """redis-py writes all of a pipeline, here 40 MB, before it reads the first reply."""
    r = connect()
    key = "k" * 2000
    r.set(key, b"v" * 4096)
    with r.pipeline(transaction=False) as pipe:
        for _ in range(20_000):
            pipe.get(key)
        replies = pipe.execute()
    assert len(replies) == 20_000 and all(len(reply) == 4096 for reply in replies)


def transactions():
    r = connect(decode_responses=True)
    with r.pipeline() as pipe:
        assert pipe.set("a", 1).incr("a").execute() == [True, 2]

    def add_ten(pipe):
        value = int(pipe.get("a"))
        pipe.multi()
        pipe.set("a", value + 10)

    assert r.transaction(add_ten, "a") == [True] and r.get("a") == "12"
    with r.pipeline() as pipe:
        pipe.watch("a")
        r.set("a", "other")
        pipe.multi()
        pipe.set("a", "mine")
        try:
            pipe.execute()
            raise AssertionError("the watch did not break")
        except redis.WatchError:
            pass
    with r.pipeline() as pipe:
        pipe.hset("a", "f", "v").set("after", "1")
        try:
            pipe.execute()
            raise AssertionError("no error")
        except redis.ResponseError as error:
            assert "WRONGTYPE" in str(error)
    assert r.get("after") == "1"


def scans():
    r = connect(decode_responses=True)
    with r.pipeline(transaction=False) as pipe:
        for i in range(3000):
            pipe.set(f"scan:{i}", i).sadd("set", i).hset("hash", i, i).zadd("zset", {i: i})
        pipe.execute()
    assert sorted(r.scan_iter("scan:*", count=100)) == sorted(f"scan:{i}" for i in range(3000))
    assert {int(i) for i in r.sscan_iter("set")} == set(range(3000))
    assert len(dict(r.hscan_iter("hash"))) == 3000 and len(dict(r.zscan_iter("zset"))) == 3000
    assert list(r.scan_iter(_type="zset")) == ["zset"]


def pubsub():
    r = connect(decode_responses=True)
    p = r.pubsub()
    p.subscribe("news")
    p.psubscribe("weather.*")
    kinds = [p.get_message(timeout=5)["type"] for _ in range(2)]
    assert kinds == ["subscribe", "psubscribe"]
    assert r.publish("news", "hello") == 1 and r.publish("weather.rain", "wet") == 1
    assert p.get_message(timeout=5)["data"] == "hello"
    message = p.get_message(timeout=5)
    assert (message["type"], message["channel"], message["pattern"]) == ("pmessage", "weather.rain", "weather.*")
    p.ping()
    assert p.get_message(timeout=5)["type"] == "pong"
    heard = []
    q = r.pubsub()
    q.subscribe(**{"threads": lambda message: heard.append(message["data"])})
    thread = q.run_in_thread(sleep_time=0.01)
    while r.publish("threads", "x") == 0:
        time.sleep(0.01)
    deadline = time.time() + 5
    while not heard and time.time() < deadline:
        time.sleep(0.01)
    thread.stop()
    thread.join(5)
    assert heard
    p.close()


def streams():
    r = connect(decode_responses=True)
    ids = [r.xadd("st", {"n": i}) for i in range(10)]
    assert r.xlen("st") == 10 and r.xrange("st", ids[3], ids[4]) == [(ids[3], {"n": "3"}), (ids[4], {"n": "4"})]
    assert [entry for entry, _ in r.xrevrange("st", count=2)] == [ids[9], ids[8]]
    assert r.xread({"st": ids[8]}) == [["st", [(ids[9], {"n": "9"})]]]
    assert r.xgroup_create("st", "group", id="0") is True
    [[_, entries]] = r.xreadgroup("group", "alice", {"st": ">"}, count=4)
    assert [entry for entry, _ in entries] == ids[:4]
    assert r.xack("st", "group", ids[0]) == 1
    assert r.xpending("st", "group")["pending"] == 3
    assert [one["message_id"] for one in r.xpending_range("st", "group", "-", "+", 10)] == ids[1:4]
    claimed = r.xautoclaim("st", "group", "bob", min_idle_time=0, count=2)
    assert claimed[0] == ids[3] and [entry for entry, _ in claimed[1]] == ids[1:3]
    assert r.xinfo_stream("st")["length"] == 10 and r.xinfo_groups("st")[0]["consumers"] == 2
    assert r.xtrim("st", maxlen=5, approximate=False) == 5
    started = time.time()
    assert r.xread({"st": "$"}, block=100) == [] and time.time() - started > 0.09


def blocking():
    r = connect(decode_responses=True)
    found = []
    thread = threading.Thread(target=lambda: found.append(connect(decode_responses=True).blpop(["q1", "q2"], timeout=5)))
    thread.start()
    while r.info("clients")["blocked_clients"] == 0:
        time.sleep(0.01)
    r.rpush("q2", "job")
    thread.join(5)
    assert found == [("q2", "job")]
    assert r.brpop("q1", timeout=0.05) is None and r.bzpopmin("zq", timeout=0.05) is None


def pools():
    pool = redis.BlockingConnectionPool(max_connections=5, timeout=10, port=port, decode_responses=True)
    r = redis.Redis(connection_pool=pool)
    r.set("hits", 0)

    def work():
        for _ in range(100):
            r.incr("hits")

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert r.get("hits") == "2000"
    other = connect(decode_responses=True, db=3, client_name="pooled")
    other.set("only", "here")
    assert other.client_getname() == "pooled" and other.dbsize() == 1 and r.get("only") is None
    pool.disconnect()
    assert r.get("hits") == "2000"


def cluster():
    r = RedisCluster(host="127.0.0.1", port=port, decode_responses=True)
    assert len(r.get_primaries()) == 3
    for i in range(300):
        assert r.set(f"key:{i}", i)
    assert [r.get(f"key:{i}") for i in range(300)] == [str(i) for i in range(300)]
    assert r.mset_nonatomic({f"m:{i}": i for i in range(50)})
    assert r.mget_nonatomic([f"m:{i}" for i in range(50)]) == [str(i) for i in range(50)]
    with r.pipeline() as pipe:
        for i in range(300):
            pipe.incr(f"key:{i}")
        assert pipe.execute() == [i + 1 for i in range(300)]
    assert len(set(r.scan_iter("key:*"))) == 300
    assert sum(r.dbsize(target_nodes=[node]) for node in r.get_primaries()) == 350
    assert r.delete(*[f"key:{i}" for i in range(300)]) == 300


globals()[sys.argv[2]]()
