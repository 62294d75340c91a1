"""Serves a script as an OpenAI-compatible server does: a list of models, and answers that stream."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TextIO

from heal.models.payloads import tokens_of
from heal.models.script import Line, Script

_PIECE = 24
# what servers keep of earlier prompts, they keep in blocks of so many tokens
_BLOCK, _PROMPTS = 16, 20
_LARGEST = 64 << 20


class Prompts:
    """How much of a prompt was the beginning of an earlier one: what a prefix cache would save. Shared by threads."""

    def __init__(self) -> None:
        self._seen: deque[str] = deque(maxlen=_PROMPTS)
        self._lock = threading.Lock()

    def cached(self, prompt: str) -> int:
        """The tokens that would have been in the cache, in whole blocks; the prompt is in it from now on."""
        with self._lock:
            shared = max((_shared(prompt, earlier) for earlier in self._seen), default=0)
            self._seen.append(prompt)
        return tokens_of(prompt[:shared]) // _BLOCK * _BLOCK


def server(script: Script, port: int, told: TextIO) -> ThreadingHTTPServer:
    """A server on this machine alone; ``told`` is told of each question that has no answer. Raises OSError."""
    handler = type("ScriptedHandler", (_Handler,), {"script": script, "told": told, "prompts": Prompts()})
    serving = ThreadingHTTPServer(("127.0.0.1", port), handler)
    serving.daemon_threads = True
    return serving


def role_of(body: Mapping[str, Any]) -> str:
    """The role that asks: the schema is named after it; else the model that was asked for is taken for it."""
    form = body.get("response_format")
    named = form.get("json_schema") if isinstance(form, Mapping) else None
    name = named.get("name") if isinstance(named, Mapping) else None
    return str(name or body.get("model", ""))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: Script
    told: TextIO
    prompts: Prompts

    def do_GET(self) -> None:
        """Answer with the list of models, or with the window, which is told as llama.cpp does: for any name."""
        if self.path == "/v1/models":
            self._whole(200, {"object": "list", "data": [{"id": "scripted", "object": "model"}]})
        elif self.path == "/props":
            self._whole(200, {"default_generation_settings": {"n_ctx": self.script.window}})
        else:
            self._whole(404, _error(f"there is nothing at {self.path}"))

    def do_POST(self) -> None:
        """Answer a question."""
        size = int(self.headers.get("content-length") or 0)
        try:
            body = json.loads(self.rfile.read(min(size, _LARGEST)))
            prompt = "\n\n".join(str(each["content"]) for each in body["messages"])
        except (ValueError, KeyError, TypeError):
            self._whole(400, _error("the question is no JSON with messages"))
            return
        line = self.script.line(role_of(body), prompt)
        if line is None:
            self.told.write(f"nothing is scripted for {role_of(body)}: …{prompt[-200:]!r}\n")
            self.told.flush()
            self._whole(404, _error(f"nothing is scripted for this question to {role_of(body)}"))
        elif line.status != 200:  # noqa: PLR2004 - HTTP's "OK"
            self._whole(line.status, _error(line.text))
        else:
            self._stream(line, _usage(prompt, line, self.prompts.cached(prompt)))

    def _stream(self, line: Line, usage: Mapping[str, Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        never = threading.Event()
        try:
            never.wait(line.wait)
            for text in _pieces(line.text):
                self._event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})
                never.wait(line.pace)
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": line.finish}]})
            self._event({"choices": [], "usage": usage})
            self._chunk(b"data: [DONE]\n\n")
            self._chunk(b"")
        except OSError:
            # whoever asked has heard enough
            self.close_connection = True

    def _event(self, value: Mapping[str, Any]) -> None:
        row = {"id": "scripted", "object": "chat.completion.chunk", "model": "scripted", **value}
        self._chunk(b"data: " + json.dumps(row).encode() + b"\n\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _whole(self, status: int, value: Mapping[str, Any]) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own names
        """Say nothing: what has no answer is told elsewhere."""


def _shared(one: str, other: str) -> int:
    """How many letters two texts have in common from their beginning."""
    fewest, most = 0, min(len(one), len(other))
    while fewest < most:
        half = (fewest + most + 1) // 2
        if one[:half] == other[:half]:
            fewest = half
        else:
            most = half - 1
    return fewest


def _pieces(text: str) -> Iterator[str]:
    return (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))


def _usage(prompt: str, line: Line, cached: int) -> dict[str, Any]:
    asked, answered = tokens_of(prompt), tokens_of(line.text)
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _error(message: str) -> Mapping[str, Any]:
    return {"error": {"message": message, "type": "scripted"}}
