import warnings, random, logging
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
log = logging.getLogger("caller"); random.seed(5)
def call(i):
    if i % 3 == 0: log.warning("locus %d: low coverage, error rate estimate unreliable", i)
    elif i % 7 == 0: log.error("locus %d: could not phase, keeping unphased genotype", i)
    else: log.info("locus %d: ok", i)
    return {"gt": i % 2, "qual": random.random()} if i != 6211 else {"gt": 1}
def table(n):
    bad = 0
    for i in range(n):
        try:
            r = call(i); r["qual"] > .5
        except KeyError:
            log.exception("locus %d", i); bad += 1
    log.info("%d loci, %d unusable", n, bad)
    for j in range(5000): log.info("writing record %d", j)
    if bad: raise SystemExit(1)
table(9000)
