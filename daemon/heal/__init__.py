"""heal: a self-healing sidecar for scientific pipelines."""

__version__ = "0.1.0"
