import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
rng = np.random.default_rng(0)
X = rng.normal(size=(120, 30)) * 1e3; y = (X[:, 0] + rng.normal(size=120) * 900 > 0).astype(int)
g = GridSearchCV(LogisticRegression(max_iter=4), {"C": [.1, 1, -1]}, cv=3)
g.fit(X, y)
print("best", g.best_params_, round(g.best_score_, 2))
np.savez("model.npz", w=g.best_estimator_.coef_)
