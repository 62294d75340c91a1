ulimit -v 400000
python3 -c "x = bytearray(3 * 10**9)"
