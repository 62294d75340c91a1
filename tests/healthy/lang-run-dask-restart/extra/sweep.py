import os, signal, time
from dask.distributed import Client, LocalCluster
def task(i):
    if i == 5 and not os.path.exists("died"):
        open("died", "w").close(); os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(.05); return i * i
if __name__ == "__main__":
    c = Client(LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None))
    print("sum", sum(c.gather(c.map(task, range(20)))), flush=True)
    c.close()
