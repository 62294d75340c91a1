import ray, ctypes
ray.init(num_cpus=1, include_dashboard=False, object_store_memory=80*1024*1024, logging_level="warning")
@ray.remote(max_retries=0)
def solve(k):
    if k==2: ctypes.string_at(8)
    return k*k
print([ray.get(solve.remote(k)) for k in range(4)])
