import time
for i in range(200):
    print('alpha', i/200)
    time.sleep(1)
