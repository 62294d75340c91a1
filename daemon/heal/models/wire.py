"""The one place that speaks to a model's server, by the ``openai`` package, which is loaded when something is asked.

Each question is a small asynchronous program of its own: that is what lets a silent server be left at any moment,
before its first byte as after it, with its connection closed, so that it stops working too. To the outside it is
a plain call, for any thread in which no event loop runs.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from heal import __version__
from heal.errors import NoModel
from heal.models import bounds
from heal.models.failures import Failure, Stopped
from heal.models.windows import Look

if TYPE_CHECKING:
    import openai

_T = TypeVar("_T")
_CONNECT_S = 10.0
# how soon a call that is not wanted any longer is ended
_SLICE_S = 0.05
_LONGEST_REASON = 300
_BUSY = 429
_BROKEN = 500
# all that is sent in a request's head: the package would add the user's OPENAI_ variables and what machine this is
_HEADERS = frozenset({"host", "accept", "connection", "content-type", "content-length", "transfer-encoding"})


class _Late(Exception):
    """The time is up."""


class _Theirs(Exception):
    """What whoever listens raised: it is no fault of the server's."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Wire:
    """Asks one server. ``local``: no proxy of the environment is used for it. No redirect is ever followed.

    ``patience_s`` is what a question may take in all: what a person is told where the rest of it was not enough.
    """

    def __init__(self, base_url: str, key: str, *, local: bool, patience_s: float) -> None:
        self._base_url = base_url
        self._key = key
        self._local = local
        self._patience_s = patience_s

    def chat(
        self, body: Mapping[str, Any], seconds: float, take: Callable[[object], None], stop: Callable[[], bool]
    ) -> None:
        """Ask, and hand on each chunk of the answer as it comes, for at most so many seconds.

        Raises ``Failure``; whatever ``take`` raises ends the call.
        """
        # before its time begins: how long that takes is no fault of the server's
        _package()
        end = time.monotonic() + seconds

        async def asking() -> None:
            async with self._client(end, self._patience_s, streams=True) as client:
                said = await _stream(client, body, _marked(take))
            if not said:
                # on a connection of its own: the server has closed that one
                async with self._client(end, self._patience_s) as client:
                    await _whole(client, body, _marked(take))

        self._run(asking(), seconds, stop, self._patience_s)

    def look(self, looks: Sequence[Look], seconds: float) -> tuple[object, ...]:
        """Ask several things at once that change nothing; for each its JSON, or the ``Failure`` to answer."""
        _package()
        end = time.monotonic() + seconds

        async def asking() -> list[object]:
            async with self._client(end, seconds) as client:
                return await asyncio.gather(*(self._one(client, each) for each in looks))

        try:
            return tuple(self._run(asking(), seconds, lambda: False, seconds))
        except Failure as failure:
            return (failure,) * len(looks)

    async def _one(self, client: openai.AsyncOpenAI, look: Look) -> object:
        try:
            if look.body is None:
                return _data(await client.get(look.path, cast_to=object))
            return _data(await client.post(look.path, body=look.body, cast_to=object))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this server's answer to this question
            return self._failure(error)

    def _run(self, asking: Coroutine[Any, Any, _T], seconds: float, stop: Callable[[], bool], patience_s: float) -> _T:
        try:
            return asyncio.run(_bounded(asking, seconds, stop))
        except _Late:
            raise bounds.late(patience_s) from None
        except (Failure, NoModel):
            raise
        except _Theirs as theirs:
            raise theirs.error from None
        except Exception as error:
            raise self._failure(error) from error

    def _client(self, end: float, patience_s: float, *, streams: bool = False) -> openai.AsyncOpenAI:
        package, seconds = _package(), max(0.001, end - time.monotonic())

        async def bounded(response: Any) -> None:
            bounds.bounded(response, end, patience_s, streams=streams)

        http = package.DefaultAsyncHttpxClient(
            verify=_trusted(),
            trust_env=not self._local,
            follow_redirects=False,
            timeout=package.Timeout(seconds, connect=min(_CONNECT_S, seconds)),
            event_hooks={"request": [self._head], "response": [bounded]},
        )
        client: openai.AsyncOpenAI = package.AsyncOpenAI(
            api_key="none", base_url=self._base_url, max_retries=0, http_client=http
        )
        return client

    async def _head(self, request: Any) -> None:
        for name in list(request.headers):
            if name.lower() not in _HEADERS:
                del request.headers[name]
        request.headers["user-agent"] = f"heal/{__version__}"
        request.headers["accept-encoding"] = "identity"
        if self._key:
            request.headers["authorization"] = f"Bearer {self._key}"

    def _failure(self, error: Exception) -> Failure:
        """What an exception of the package means; a server that repeats the key does not get it shown."""
        # some versions of the package take whatever ends a body for a broken connection
        own = next((each for each in (error, error.__cause__) if isinstance(each, Failure)), None)
        found = own or _meaning(error)
        if self._key:
            found.reason = found.reason.replace(self._key, "…")
        return found


@cache
def _package() -> Any:
    try:
        import openai  # noqa: PLC0415 - most of a second, and most commands ask no model
    except ImportError as error:
        raise NoModel(f"what asks models is not installed ({error}): pip install 'heal-hpc[models]'") from error
    return openai


@cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


async def _bounded(asking: Coroutine[Any, Any, _T], seconds: float, stop: Callable[[], bool]) -> _T:
    task = asyncio.ensure_future(asking)
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    try:
        while not task.done():
            left = end - loop.time()
            if left <= 0:
                raise _Late
            if stop():
                raise Stopped
            await asyncio.wait({task}, timeout=min(left, _SLICE_S))
        return task.result()
    finally:
        task.cancel()
        # until it has closed its connection
        await asyncio.gather(task, return_exceptions=True)


def _marked(take: Callable[[object], None]) -> Callable[[object], None]:
    def taking(chunk: object) -> None:
        try:
            take(chunk)
        except Failure:
            raise
        except Exception as error:
            raise _Theirs(error) from error

    return taking


async def _stream(client: openai.AsyncOpenAI, body: Mapping[str, Any], take: Callable[[object], None]) -> bool:
    """Hand on a stream; False where the server began one and said nothing at all."""
    stream = await client.post(
        "/chat/completions", body=body, cast_to=object, stream=True, stream_cls=_package().AsyncStream[object]
    )
    async with stream:
        kind = stream.response.headers.get("content-type", "")
        if kind.startswith("application/json"):
            # a server that does not stream
            take(json.loads(await stream.response.aread()))
            return True
        said = not kind.startswith("text/event-stream")
        async for chunk in stream:
            said = True
            take(chunk)
    return said


async def _whole(client: openai.AsyncOpenAI, body: Mapping[str, Any], take: Callable[[object], None]) -> None:
    """Ask in one piece: llama-cpp-python refuses a question after it began to stream, and says only so why."""
    asked = {name: value for name, value in body.items() if name not in ("stream", "stream_options")}
    take(await client.post("/chat/completions", body=asked, cast_to=object))


def _data(answer: object) -> object:
    """An answer as JSON, whatever type the server calls it by. Raises ``Failure`` where it is none."""
    if not isinstance(answer, str):
        return answer
    try:
        return json.loads(answer)
    except ValueError:
        what = "a page" if answer.lstrip().startswith("<") else "something else"
        raise Failure(f"what answers there is no OpenAI-compatible server: {what}, not JSON", trouble=True) from None


def _meaning(error: Exception) -> Failure:
    package = _package()
    if isinstance(error, package.APIStatusError):
        return _refusal(error.status_code, _said(error), error.response.headers)
    if isinstance(error, package.APIConnectionError):
        cause = error.__cause__ or error
        said = " ".join(str(cause).split())[:_LONGEST_REASON] or type(cause).__name__
        return Failure(f"the connection failed: {said}", again=True, trouble=True, unused=True)
    if isinstance(error, package.APIError):
        return Failure(f"it broke off: {_said(error)}", trouble=True)
    if isinstance(error, UnicodeDecodeError):
        return Failure("it sent what is no UTF-8", trouble=True)
    if isinstance(error, ValueError):
        return Failure("it sent what is no JSON", trouble=True)
    return Failure(f"it could not be asked: {type(error).__name__}", trouble=True)


def _said(error: Any) -> str:
    """What the server says against it, on one line."""
    body = error.body if isinstance(error.body, Mapping) else {}
    inner = body.get("error", body)
    words = inner.get("message") if isinstance(inner, Mapping) else inner
    # llama.cpp tells its window beside the message
    size = inner.get("n_ctx") if isinstance(inner, Mapping) else None
    told = " ".join(str(words or body or error.message).split())[:_LONGEST_REASON]
    return f"{told} ('n_ctx': {size})" if isinstance(size, int) else told


def _refusal(status: int, said: str, headers: Mapping[str, str]) -> Failure:
    if status < 400:  # noqa: PLR2004 - what is below is a redirect
        target = headers.get("location", "elsewhere")[:100]
        return Failure(f"it sends us on to {target}, where nothing was sent", unused=True, status=status)
    busy = status == _BUSY or status >= _BROKEN
    after = _seconds(headers) if busy else None
    return Failure(f"HTTP {status}: {said}", again=busy, after=after, trouble=busy, unused=True, status=status)


def _seconds(headers: Mapping[str, str]) -> float | None:
    """How long the server wants to be left alone (RFC 9110: seconds, or a date)."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        then, now = parsedate_to_datetime(said), parsedate_to_datetime(headers.get("date", ""))
        return max(0.0, (then - now).total_seconds())
    except (ValueError, TypeError):
        return None
