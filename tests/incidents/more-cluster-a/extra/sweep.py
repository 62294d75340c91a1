import ray, time, os
ray.init(num_cpus=1, include_dashboard=False, object_store_memory=80*1024*1024, logging_level="warning")
@ray.remote
def sim(k): time.sleep(0.2 if k<3 else 60); return k
for k in range(5): print("sim", ray.get(sim.remote(k), timeout=12), flush=True)
