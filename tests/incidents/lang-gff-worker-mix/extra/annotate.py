import multiprocessing as mp, random, sys, time, logging
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(processName)s %(levelname)s %(message)s")
def annotate(i):
    for k in range(200):
        logging.info("chunk %d record %d", i, k)
        if k % 40 == 0: logging.warning("chunk %d: retry of record %d after a failed lookup", i, k)
    if i == 5:
        import gseapy
    return i
if __name__ == "__main__":
    with mp.Pool(3) as p:
        for r in p.imap_unordered(annotate, range(24)): logging.info("collected %d", r)
