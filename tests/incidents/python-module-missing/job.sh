set -e
python3 -c "import scanpyx"
