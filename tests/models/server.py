"""A model's server over real HTTP that does what a test says, one act for each question; the last one is repeated."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WELL = {"prompt_tokens": 40, "completion_tokens": 8, "prompt_tokens_details": {"cached_tokens": 32}}


# a call of a tool, as it is streamed: its name, then its arguments in pieces
_BEGUN = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "bash", "arguments": ""}}
_GOES_ON = ({"index": 0, "function": {"arguments": part}} for part in ('{"command": "rm', ' -rf work"}'))
CALLS = tuple({"content": None, "tool_calls": [part]} for part in (_BEGUN, *_GOES_ON))


def chunk(text=None, finish=None, usage=None, **more):
    """One chunk of a stream, as OpenAI's and most servers send it."""
    choices = (
        [] if text is None and finish is None else [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]
    )
    return {"id": "c1", "object": "chat.completion.chunk", "choices": choices, "usage": usage, **more}


def says(*texts, finish="stop", usage=WELL, every=0.0):
    """Stream these pieces, ``every`` so many seconds, and end; a piece that is no text is a delta of its own."""

    def act(server, request):
        request.begin()
        for text in texts:
            request.event(chunk(text) if isinstance(text, str) else {"choices": [{"index": 0, "delta": text}]})
            server.ending.wait(every)
        request.event(chunk(finish=finish))
        if usage:
            request.event(chunk(usage=usage))
        request.end()

    return act


def goes_on(text, every=0.0):
    """Stream the same piece until nobody listens any longer."""

    def act(server, request):
        request.begin()
        while not server.ending.wait(every):
            request.event(chunk(text))

    return act


def breaks_off(*texts):
    """Stream these pieces and close the connection."""

    def act(server, request):
        request.begin()
        for text in texts:
            request.event(chunk(text))

    return act


def refuses(status, message="no", **headers):
    """Answer with an HTTP status."""

    def act(server, request):
        request.whole(
            status, {"error": {"message": message}}, {name.replace("_", "-"): value for name, value in headers.items()}
        )

    return act


def silent(server, request):
    """Never answer; the connection stays open until whoever asked closes it."""
    request.wait_for_close()


def sends(data, content_type="text/event-stream"):
    """Answer with these very bytes."""

    def act(server, request):
        request.begin(content_type)
        request.chunk(data)
        request.chunk(b"")

    return act


def whole(text):
    """Answer at once, by a server that does not stream."""

    def act(server, request):
        request.whole(200, {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": WELL})

    return act


class ModelServer:
    """Serves on a port of this machine (0: a free one); ``pages`` are what it answers elsewhere: path to JSON, a status, or an act."""

    def __init__(self, *acts: Callable, pages=None, port=0):
        self.acts = list(acts) or [says("well")]
        self.pages = {"/v1/models": {"data": []}} if pages is None else pages
        self.bodies, self.heads, self.looked = [], [], []
        self.most_at_once = self._at_once = 0
        self.closed_early = threading.Event()
        self.ending = threading.Event()
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"model_server": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *error):
        self.ending.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, request, body):
        with self._lock:
            self.bodies.append(body)
            self.heads.append({name.lower(): value for name, value in request.headers.items()})
            act = self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            act(self, request)
        except OSError:
            self.closed_early.set()
        finally:
            with self._lock:
                self._at_once -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model_server: ModelServer

    def do_GET(self):
        self.model_server.looked.append(self.path)
        page = self.model_server.pages.get(self.path)
        if callable(page):
            with suppress(OSError):
                page(self.model_server, self)
            return
        status = page if isinstance(page, int) else 404 if page is None else 200
        self.whole(status, {"error": {"message": "no page"}} if status != 200 else page)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == "/v1/chat/completions":
            self.close_connection = True
            self.model_server.answer(self, body)
        else:
            self.do_GET()

    def begin(self, content_type="text/event-stream"):
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def event(self, data):
        self.chunk(b"data: " + json.dumps(data).encode() + b"\n\n")

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def end(self):
        self.chunk(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def whole(self, status, value, headers=None):
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, each in {"content-type": "application/json", "content-length": len(data), **(headers or {})}.items():
            self.send_header(name, str(each))
        self.end_headers()
        self.wfile.write(data)

    def wait_for_close(self):
        self.connection.settimeout(0.02)
        while not self.model_server.ending.is_set():
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    self.model_server.closed_early.set()
                    return

    def log_message(self, *_words):
        pass
