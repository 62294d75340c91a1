import json, tomllib
class ConfigError(RuntimeError): pass
class PipelineError(RuntimeError): pass
def panel(p):
    try: return json.load(open(p))
    except OSError as e: raise ConfigError(f"panel {p} unusable") from e
def setup(c):
    try: return [panel(p) for p in c["panels"]]
    except ConfigError as e: raise PipelineError("setup failed, see above") from e
c = tomllib.load(open("study.toml", "rb"))
print("study", c["name"], flush=True)
try: setup(c)
except PipelineError:
    print("shutting down", flush=True)
    raise ConnectionError("tracker connection closed before the end of the run")
