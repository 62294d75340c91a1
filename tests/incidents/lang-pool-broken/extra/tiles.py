import os, signal, time
from concurrent.futures import ProcessPoolExecutor, as_completed
def work(i):
    time.sleep(.1)
    if i == 7: os.kill(os.getpid(), signal.SIGKILL)
    return i * i
if __name__ == "__main__":
    with ProcessPoolExecutor(2) as ex:
        fs = {ex.submit(work, i): i for i in range(20)}
        for f in as_completed(fs):
            print("tile", fs[f], "->", f.result(), flush=True)
