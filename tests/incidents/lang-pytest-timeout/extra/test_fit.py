import time
def test_small(): time.sleep(.2)
def test_large():
    for i in range(100):
        time.sleep(.2)
