import numpy as np, lightgbm as lgb
rng = np.random.default_rng(0)
X = rng.normal(size=(500, 8)); y = (X[:, 0] > 0).astype(int)
print("training on gpu", flush=True)
m = lgb.train({"objective": "binary", "device": "gpu", "verbose": 1}, lgb.Dataset(X, y), 20)
m.save_model("m.txt")
