import redis, sys
r = redis.Redis(host="db01.lab.internal", port=6390)
for l in open(sys.argv[1]):
    r.rpush("tasks", l.strip())
print(r.llen("tasks"), "queued")
