import nox
@nox.session
def lint(s): s.run("python","-m","compileall","-q",".")
@nox.session
def docs(s): s.run("quarto","render","report.qmd",external=True)
