import pandas as pd, seaborn as sns
d = pd.read_csv("/data/shared/stations.csv")
d["band"] = (d.lat // 1).astype(str)
g = sns.violinplot(x="band", y="temp", data=d)
sns.lineplot(data=d, x="lat", y="temp", hue="band")
g.figure.savefig("v.png")
