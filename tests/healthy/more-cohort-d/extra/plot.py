import pandas as pd, seaborn as sns, warnings
d = pd.read_csv("/data/shared/stations.csv")
d["band"] = (d.lat // 1).astype(str)
g = sns.stripplot(x="band", y="temp", data=d, palette="Set2")
g.set_xticklabels(g.get_xticklabels(), rotation=30)
g.set_title("température moyenne 気温")
warnings.warn("2 stations failed QC and were dropped")
g.figure.savefig("v.png")
