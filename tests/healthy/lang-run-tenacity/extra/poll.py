import requests, logging, tenacity
logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("poll")
@tenacity.retry(stop=tenacity.stop_after_attempt(6), wait=tenacity.wait_fixed(.3), before_sleep=tenacity.before_sleep_log(log, logging.ERROR, exc_info=True))
def get():
    r = requests.get("http://files.lab.internal:8077/flaky/tenacity-poll", timeout=3); r.raise_for_status(); return r.json()
log.info("answer %s", get())
