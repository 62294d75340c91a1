python3 agg.py
