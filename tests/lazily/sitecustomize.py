"""Lets every Python that the tests start load pandas when it is used, and not when it is imported.

Snakemake's plugin for SLURM imports it at each start, which is a quarter of what the processor does for ``snakemake
--version``; each job of Snakemake's starts twice.
"""

import sys


class Lazily:
    """Finds pandas as Python would, and puts its loading off (``importlib.util.LazyLoader``)."""

    @staticmethod
    def find_spec(name, _path=None, _target=None):
        if name != "pandas":
            return None
        import importlib.util  # noqa: PLC0415 - for who imports pandas alone

        sys.meta_path.remove(Lazily)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, Lazily)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec


sys.meta_path.insert(0, Lazily)
