import requests, logging
logging.basicConfig(level=logging.INFO)
s = requests.Session()
print(s.get("http://files.lab.internal:8077/ok/a.fq").status_code)
for acc in ("SRR1", "SRR2", "SRR3"):
    logging.info("metadata of %s", acc)
    r = s.get(f"http://files.lab.internal:8079/meta/{acc}", timeout=5)
    r.raise_for_status()
