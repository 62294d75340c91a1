import numpy as np, networkx as nx
r = np.corrcoef(np.random.default_rng(0).normal(size=(20, 50)))
g = nx.from_numpy_matrix(np.where(abs(r) > .2, r, 0))
print(g.number_of_edges())
