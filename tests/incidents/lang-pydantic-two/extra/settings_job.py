from pydantic import BaseSettings, Field
class Cfg(BaseSettings):
    bucket: str = Field("raw", env="BUCKET")
print(Cfg().bucket)
