import yaml, numpy as np
from sklearn.ensemble import RandomForestClassifier
cfg = yaml.safe_load(open("model.yaml"))
print("parameters:", cfg)
rng = np.random.default_rng(1)
X = rng.normal(size=(80, 5)); y = (X[:, 0] > 0).astype(int)
m = RandomForestClassifier(**cfg).fit(X, y)
print(m.score(X, y))
