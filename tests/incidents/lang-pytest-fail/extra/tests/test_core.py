from normalise.core import cpm
import warnings
def test_shape():
    warnings.warn("error model is deprecated", DeprecationWarning)
    assert len(cpm([[1, 2], [3, 4]])) == 2
def test_total():
    m = cpm([[1, 2], [3, 4]])
    assert abs(sum(r[0] for r in m) - 1e6) < 1
