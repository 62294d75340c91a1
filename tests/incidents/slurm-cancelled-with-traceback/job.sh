timeout -s INT 1 python3 -c "import time; time.sleep(9)"
