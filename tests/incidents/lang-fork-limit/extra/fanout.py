import threading, time
ts = []
def w(): time.sleep(4)
for i in range(4000):
    t = threading.Thread(target=w); t.start(); ts.append(t)
    if i % 50 == 0: print("started", i, flush=True)
