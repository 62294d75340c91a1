import numpy as np, pymc as pm
y = np.random.default_rng(0).normal(size=40); g = np.repeat(np.arange(4), 10)
with pm.Model() as m:
    mu = pm.Normal("mu", 0, 1, shape=4)
    s = pm.HalfNormal("s", -1.0)
    pm.Normal("y", mu[g], s, observed=y)
    t = pm.sample(50, tune=50, chains=1, cores=1, random_seed=1, progressbar=False)
