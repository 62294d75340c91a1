"""Tells heal what a Snakemake run does: ``snakemake --logger heal``."""

from snakemake_logger_plugin_heal.handler import LogHandler

__all__ = ["LogHandler"]
