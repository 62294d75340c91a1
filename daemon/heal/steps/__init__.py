"""The steps of a heal, one module each; none imports another."""
