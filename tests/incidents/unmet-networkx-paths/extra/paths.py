import networkx as nx
G = nx.read_weighted_edgelist("ppi.tsv", comments="#")
print(G)
for a, b in [("TP53", "MDM2"), ("TP53", "ACTB"), ("EGFR", "GRB2")]:
    print(a, b, nx.shortest_path_length(G, a, b, weight="weight"))
