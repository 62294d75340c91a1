"""The one place that builds what a model sees: gathered, bounded, freed of secrets, and kept as it was sent."""
