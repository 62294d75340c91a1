from prefect import flow, task
st={"n":0}
@task(retries=2, retry_delay_seconds=1)
def pull():
    st["n"]+=1
    if st["n"]<2: raise ConnectionError("503 Service Unavailable")
    return [1,2,3]
@flow(log_prints=True)
def main():
    print(sum(pull()))
main()
