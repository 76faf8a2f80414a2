"""A run that is killed goes on where it was, and nothing that was answered is asked, or paid for, again."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import polars as pl
import pytest

from adwright.store.columns import PRODUCTS
from adwright.workspace import Workspace
from generate.chat_server import chat_server, completion

N_PRODUCTS, N_VARIANTS, CONCURRENCY = 18, 2, 2
WORDS = """
morning river walk song garden window table street bridge evening corner path story letter market
door road hill field lake bench yard porch stair kitchen Sunday Monday stroll errand visit
""".split()  # noqa: SIM905 — reads better than a list of thirty


def _answer(handler_body):
    """An answer that differs with the seed, so that no two contents are alike."""
    digest = hashlib.blake2b(str(handler_body["seed"]).encode(), digest_size=12).digest()
    words = [WORDS[b % len(WORDS)] for b in digest]
    return json.dumps({"headline": " ".join(words[:4]), "description": " ".join(words[4:]) + "."})


@pytest.fixture
def shop(tmp_path):
    recipe = """
[generate]
backend = "openai"
[generate.openai]
model = "m"
concurrency = 2
prompt_price_minor = 100.0
completion_price_minor = 200.0
"""
    rows = [
        {"id": f"p{i}", "title": f"Shirt {WORDS[i]}", "attributes": "{}", "description": "A shirt."}
        for i in range(N_PRODUCTS)
    ]
    empty = dict.fromkeys(PRODUCTS)
    with Workspace.init(tmp_path / "shop", recipe) as opened:
        opened.tables.upsert(
            "products", pl.DataFrame([empty | row for row in rows], schema=PRODUCTS), key="id"
        )
    return tmp_path / "shop"


def _command(shop, url):
    arguments = ["generate", "--kind", "ad_copy", "--channel", "onsite", "--language", "en", "--all-products"]
    arguments += ["-n", str(N_VARIANTS), "--json", "-w", str(shop)]
    return subprocess.Popen(
        [sys.executable, "-c", "from adwright.cli.app import main; main()", *arguments],
        env={**os.environ, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "k"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def test_a_killed_run_resumes_and_pays_for_nothing_twice(shop):
    n_all = N_PRODUCTS * N_VARIANTS
    enough = threading.Event()

    def step(handler):
        body = json.loads(handler.body)
        time.sleep(0.01)
        if len(server.bodies) >= n_all // 2:
            enough.set()
        completion(_answer(body), prompt_tokens=100, completion_tokens=20)(handler)

    with chat_server(step) as server:
        first = _command(shop, server.url)
        assert enough.wait(timeout=120)
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        n_before = len(server.bodies)
        assert n_all // 2 <= n_before < n_all
        second = _command(shop, server.url)
        out, err = second.communicate(timeout=240)
        assert second.returncode == 0, err
        asked = Counter(headers["Idempotency-Key"] for headers in server.headers)

    written = json.loads(out)
    assert written["n_written"] == n_all
    assert len(asked) == n_all  # a charge for each key: what was under way at the kill had the same key again
    twice = [key for key, n in asked.items() if n > 1]
    assert len(twice) <= CONCURRENCY
    with Workspace.open(shop) as opened:
        calls = opened.calls.calls()
        assert calls.height == len(server.bodies)  # every sending was written down before it was made
        under_way = calls.filter(pl.col("status") == "sent")
        assert set(under_way["key"]) == set(twice)
        answered = calls.filter(pl.col("status") == "answered")
        assert answered["key"].n_unique() == answered.height == n_all
        assert answered["cost_micro"].sum() == n_all * (100 * 100 + 20 * 200)
        assert len(opened.contents.by_status("draft", "rejected")) == n_all
    (cost,) = written["costs"]
    assert cost["n_answered"] == n_all
    assert cost["n_sent"] == len(twice)
