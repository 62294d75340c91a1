python3 trim.py --minlen ten
