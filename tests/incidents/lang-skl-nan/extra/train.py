import numpy as np, logging
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
logging.basicConfig(level="INFO", format="%(asctime)s %(levelname)s %(message)s")
d = np.genfromtxt("expr.csv", delimiter=",", skip_header=1)
X, y = d[:, 1:], d[:, 0].astype(int)
logging.info("matrix %s", X.shape)
m = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
print(cross_val_score(m, X, y, cv=4, error_score="raise").mean())
