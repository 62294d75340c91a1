import pytest, warnings, logging
def boom(k):
    if k == "mem": raise MemoryError("Unable to allocate 3.0 GiB")
    if k == "perm": raise PermissionError(13, "Permission denied", "/data/x")
    raise ValueError("truncated file")
@pytest.mark.parametrize("k,e", [("mem", MemoryError), ("perm", PermissionError), ("bad", ValueError)])
def test_error_is_raised(k, e):
    with pytest.raises(e): boom(k)
@pytest.mark.xfail(reason="segmentation fault on old libs, issue 31")
def test_known_failure(): boom("bad")
@pytest.mark.skip(reason="CUDA not available")
def test_gpu(): pass
def test_fatal_log(caplog):
    logging.critical("FATAL: disk full"); warnings.warn("deprecated: will fail in 3.0", DeprecationWarning)
    assert "FATAL" in caplog.text
