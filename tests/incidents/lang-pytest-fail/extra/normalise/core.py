def cpm(m):
    return [[1e6 * v / max(sum(r), 1) for v in r] for r in m]
