import logging, sys, os, threading, queue
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(levelname)s %(threadName)s %(message)s")
failed = []
def saver(q):
    while (k := q.get()) is not None:
        try:
            with open(f"ckpt/step_{k}.bin", "wb") as f: f.write(os.urandom(300000))
            logging.info("checkpoint %d saved", k)
        except OSError as e:
            if not failed: logging.error("checkpoint %d: %s", k, e)
            failed.append(k)
q = queue.Queue(); t = threading.Thread(target=saver, args=(q,), name="saver"); t.start()
for step in range(8000):
    if step % 250 == 0: q.put(step)
    logging.info("step %d energy %.4f error %.1e", step, -1 + 1 / (step + 1), 1 / (step + 2))
    if step % 90 == 0: logging.warning("step %d: constraint failure count 1, timestep halved once", step)
q.put(None); t.join()
for step in range(3000): logging.info("post step %d", step)
if failed:
    logging.critical("%d checkpoints missing, run is not restartable", len(failed)); sys.exit(6)
