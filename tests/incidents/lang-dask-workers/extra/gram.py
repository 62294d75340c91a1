import dask.array as da
from dask.distributed import Client, LocalCluster
if __name__ == "__main__":
    c = Client(LocalCluster(n_workers=2, threads_per_worker=1, memory_limit="300MB", dashboard_address=None))
    print("cluster up", flush=True)
    x = da.ones((9000, 9000), chunks=(9000, 9000))
    print((x @ x.T).sum().compute())
