python3 -c "
with open('/dev/full', 'w') as f:
    f.write('x' * 99999)
"
