import httpx, time
with httpx.Client(base_url="http://files.lab.internal:8077", timeout=4) as c:
    print(c.get("/json/list").json())
    print("requesting the matrix", flush=True)
    m = c.get("/hang/matrix")
    print(len(m.content))
