set -e
python3 tally.py
