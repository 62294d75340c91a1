"""What drives a pipeline: Snakemake, or sbatch used by hand."""
