import nox
@nox.session
def sweep(s): s.run("sh","-c","for i in $(seq 60); do echo point $i; sleep 1; done",external=True)
