"""A real HTTP server on loopback that answers chat completions as a script says."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def completion(text, *, finish="stop", prompt_tokens=100, completion_tokens=20):
    """A step: status 200 with this text."""
    body = {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": completion_tokens},
    }
    return raw(200, json.dumps(body).encode())


def raw(status, body=b"{}", headers=()):
    """A step: this status, body and headers."""

    def step(handler):
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.send_header("Connection", "close")  # else the next request may meet a closing connection
        handler.end_headers()
        handler.wfile.write(body)

    return step


def silent(seconds):
    """A step: no answer for that long."""

    def step(handler):
        time.sleep(seconds)

    return step


def dripping(n, pause_s):
    """A step: one byte at a time, each soon enough for a read timeout."""

    def step(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(n))
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(n):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(pause_s)

    return step


def truncated():
    """A step: the connection ends before the announced length."""

    def step(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"choices": [')

    return step


def endless():
    """A step: a body that never ends, as fast as it is read."""

    def step(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    return step


def told(usage, text):
    """A step: a completion whose usage is whatever the test says."""
    body = {"choices": [{"message": {"content": text}, "finish_reason": "stop"}], "usage": usage}
    return raw(200, json.dumps(body).encode())


class ChatServer:
    """What was asked, and where."""

    def __init__(self, url):
        self.url = url
        self.bodies = []
        self.headers = []


@contextmanager
def chat_server(*steps):
    """Serves the steps in order, the last one for ever."""
    served = iter(range(10**6))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                number = next(served)
                server.bodies.append(json.loads(body))
                server.headers.append(dict(self.headers))
            self.close_connection = True
            try:
                steps[min(number, len(steps) - 1)](self)
            except OSError:
                return  # the client has gone, as the test wants

        def log_message(self, *args):
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    http.block_on_close = False
    server = ChatServer(f"http://127.0.0.1:{http.server_port}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
