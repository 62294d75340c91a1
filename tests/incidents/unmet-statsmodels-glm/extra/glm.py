import pandas as pd, statsmodels.api as sm
d = pd.read_csv("visits.csv")
print(d.shape[0], "patients")
X = sm.add_constant(d["age"].astype(float))
r = sm.GLM(d["visits"], X, family=sm.families.Poisson()).fit()
print(r.summary())
