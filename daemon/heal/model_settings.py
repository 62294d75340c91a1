"""Sections of heal.toml about coding models: which there are, who asks which, what may leave, what it may cost."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from heal.sections import Days, Minutes, Section


class Model(Section):
    """One model behind an OpenAI-compatible server: vLLM, llama.cpp, Ollama, LM Studio, or a service."""

    base_url: str = Field(pattern=r"^https?://", description="where the server answers, with /v1 where it has that")
    model: str = Field(min_length=1, description="the model's name, as the server knows it")
    key_env: str = Field("", pattern=r"^[^=\s]*$", description="the environment variable that holds the key")
    key_file: Path | None = Field(None, description="a file that holds the key, readable by you alone")
    context: int | None = Field(None, ge=512, description="the window in tokens; else it is asked for, or probed")
    max_output: int = Field(4096, ge=16, description="the most tokens of one answer")
    timeout_seconds: float = Field(180.0, gt=0, le=3600, description="from question to the last token")
    parallel: int = Field(2, ge=1, description="the most questions at once")
    price_in: float = Field(0.0, ge=0, description="per million tokens asked")
    price_out: float = Field(0.0, ge=0, description="per million tokens answered")

    @field_validator("base_url")
    @classmethod
    def _host_and_port(cls, url: str) -> str:
        # a port out of range is told of only when it is asked for
        place = urlsplit(url)
        if not place.hostname or place.port == 0 or any(sign.isspace() for sign in url):
            raise ValueError("write http://host:port/v1")
        return url

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if self.key_env and self.key_file:
            raise ValueError("the key comes from key_env or from key_file, not from both")
        return self


class ModelBudget(Section):
    """What models may cost; nothing is asked beyond it."""

    incident_tokens: int = Field(200_000, ge=0, description="tokens in and out for one incident")
    day_tokens: int = Field(2_000_000, ge=0, description="tokens in and out in 24 hours, all incidents of yours")
    day_cost: float = Field(5.0, ge=0, description="what 24 hours may cost, by the prices given")


class Privacy(Section):
    """What may leave this machine."""

    remote: Literal["never", "ask", "allow"] = Field(
        "never",
        description="models on other hosts: never asked; asked once you said yes to the payload; or asked as others",
    )
    hosts: tuple[str, ...] = Field((), description="hosts of your site's own models, which count as local; globs")
    patterns: tuple[str, ...] = Field((), description="more regexes of what is secret")
    hide_names: bool = Field(default=False, description="the user's name, home folder and host are hidden as well")


class ChainSettings(Section):
    """How models are asked for a patch."""

    file: Path | None = Field(None, description="another healing chain than heal's own (heal chain show prints it)")
    samples: int = Field(1, ge=1, le=8, description="candidates asked for at once; the checks choose")
    rounds: int = Field(3, ge=1, le=10, description="the most rounds of change and check for one candidate")
    parallel: int = Field(2, ge=1, le=16, description="incidents that are worked on at once")


class Patches(Section):
    """What a patch may touch, and what a person sees of it."""

    allow: tuple[str, ...] = Field(
        (
            *("Snakefile", "*.smk", "*.nf", "nextflow.config", "conf/**/*.config", "workflow/**", "rules/**"),
            *("modules/**", "subworkflows/**", "scripts/**", "bin/**", "src/**", "envs/**", "config/**"),
            *("*.py", "*.R", "*.r", "*.Rmd", "*.sh", "*.bash", "*.pl", "*.jl", "*.awk", "*.sbatch", "*.slurm"),
        ),
        description="globs of files that may be changed, from the repository's root; ** is any number of folders",
    )
    deny: tuple[str, ...] = Field((), description="globs of files that are never changed, whatever else allows them")
    auto: tuple[str, ...] = Field(
        (),
        description="globs of files that may be changed without a yes, where the patch replayed well",
    )
    signoff: bool = Field(default=False, description="sign off commits (git commit -s)")
    expire_days: Days = Field(14.0, gt=0, description="a patch that nobody answered is withdrawn after this")
    replay: bool = Field(default=True, description="run the failed task again with the patch before anybody sees it")
    replay_minutes: Minutes = Field(30.0, gt=0, description="the most time a replay may take")
