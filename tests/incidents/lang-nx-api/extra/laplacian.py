import networkx as nx
g = nx.read_edgelist("edges.txt")
print(g.number_of_nodes(), "nodes")
m = nx.to_scipy_sparse_matrix(g)
print(m.nnz)
