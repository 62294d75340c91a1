python3 -c "
import traceback
try:
    open('cache.json')
except OSError:
    traceback.print_exc()
print('made it anew, 40 rows')
"
