import logging, subprocess, warnings
import numpy as np
logging.basicConfig(level=logging.INFO, format="%(asctime)s [%(levelname)s] %(message)s")
for k in range(6):
    try:
        if k in (1, 4):
            raise MemoryError("Unable to allocate 12.0 GiB for tile %d" % k)
        np.log(np.arange(-1, 2))
    except MemoryError:
        logging.exception("tile %d too large, processing in strips", k)
    logging.info("tile %d ok", k)
r = subprocess.run(["gp", "-q"], input="1/0\n", text=True, capture_output=True)
logging.error("gp said: %s", r.stderr.strip()[:200])
logging.info("6 of 6 tiles written, 0 failed")
