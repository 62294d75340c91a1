"""Who runs the jobs: SLURM by its command line, or the machine itself."""
