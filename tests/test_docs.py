"""What the pages say is so: commands run, code runs, links lead somewhere, generated pages are fresh."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import adwright
from adwright import schema
from adwright.cli.app import COMMANDS
from adwright.decide import CONTEXTUAL_POLICIES, POLICIES
from adwright.generate import BACKENDS, CHANNELS, GUARDS, KINDS
from adwright.testing import toy_past_contents, toy_products, write_toy_shop
from adwright.workspace import Workspace
from pages import Block, anchors, blocks, commands, links, run_block

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("benchmarks/*/README.md")])
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
HOW_TO = (
    "ingest",
    "profile-and-recommend",
    "generate-and-check",
    "predict",
    "calibrate-probabilities",
    "predict-large-tables",
    "tune-an-encoder",
    "tune",
    "experiment",
    "policy-value-and-uplift",
    "run-and-report",
)
AFTER_A_RUN = ("review", "decide", "learn", "recommend-with-networks")
"""The how-to pages, in the order in which a newcomer needs them."""

AN_HOUR_LONG = ("train-the-writer",)
"""Not run here: `tests/learn` and `tests/cli` run its command on a small budget."""

_OF_NOUNS = (schema.__name__, "adwright.material")


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.fixture
def shop_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages speak of, as the present folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADWRIGHT_PSEUDONYM_KEY", "a key for the tests only")
    files = write_toy_shop(tmp_path, n_customers=20)
    mascara = {"id": 1, "title": "Essence Mascara Lash Princess", "price": 9.99, "availability": "in_stock"}
    products = [*json.loads(files["catalog"].read_text()), mascara]
    files["catalog"].write_text(json.dumps(products), encoding="utf-8")
    past = toy_past_contents(toy_products(), rng=np.random.default_rng(0))
    past.write_csv(tmp_path / "contents.csv")
    week = past.head(3).select(
        headline="text", test_id="group", test_week=201350, impressions="n_exposures", clicks="n_clicks"
    )
    week.write_parquet(tmp_path / "headline_tests.parquet")
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    pl.read_csv(tmp_path / "examples" / "past_ads.csv").write_parquet(tmp_path / "past_ads.parquet")
    return tmp_path


def test_generated_pages_are_fresh() -> None:
    done = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_command_has_its_place_on_the_page_of_commands() -> None:
    assert {f"adwright-{command}" for command in COMMANDS} <= anchors(DOCS / "commands.md")


def test_every_noun_of_the_schema_stands_in_the_glossary() -> None:
    nouns = [n for n, c in vars(schema).items() if is_dataclass(c) and c.__module__ in _OF_NOUNS]
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = set(re.findall(r"^\| ([\w ,-]+?)(?: \(.*\))? \|", glossary, re.MULTILINE))
    assert [n for n in nouns if re.sub(r"(?<!^)([A-Z])", r" \1", n).lower() not in words] == []


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("generate-and-check", (*BACKENDS.names(), *KINDS.names(), *GUARDS.names(), *CHANNELS)),
        ("decide", (*POLICIES.names(), *CONTEXTUAL_POLICIES.names())),
    ],
)
def test_every_component_is_named_on_its_how_to_page(page: str, names: tuple[str, ...]) -> None:
    text = (DOCS / "how-to" / f"{page}.md").read_text(encoding="utf-8")
    assert [n for n in names if not re.search(rf"\b{n}\b", text)] == []


def test_the_changelog_knows_this_version() -> None:
    assert f"## {adwright.__version__} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = []
    for link in links(page):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        path = page if not target else (page.parent / target).resolve()
        if not path.exists() or (anchor and anchor not in anchors(path)):
            dead.append(link)
    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_names_a_place_on_one_machine(page: Path) -> None:
    assert (
        re.findall(r"(?<![\w./:])/(?:root|home|work|mnt|Users)/\S*", page.read_text(encoding="utf-8")) == []
    )


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_on_a_page_have_the_options_that_they_name(page: Path) -> None:
    helps = {
        b.text.split("\n")[0].split("adwright ")[1].split(" [")[0]: b.text
        for b in blocks(DOCS / "commands.md")
        if b.text.startswith("Usage: adwright ")
    }
    shell = [block for block in blocks(page) if block.language == "sh"]
    inline = re.findall(r"`([^`\n]*adwright [^`\n]+)`", page.read_text(encoding="utf-8"))
    quoted = [Block("sh", line) for line in inline if " FILE" not in line and "..." not in line]
    unknown = []
    for arguments, _ in (pair for block in shell + quoted for pair in commands(block)):
        two = " ".join(arguments[:2])
        text = helps.get(two) or helps.get(arguments[0])
        options = [a for a in arguments if re.match(r"--?[a-z]", a)]
        missing = [o for o in options if not re.search(rf"(?<![\w-]){o}(?![\w-])", text or "")]
        unknown += [f"{two}: {missing}"] if missing or text is None else []
    assert unknown == []


def test_the_readmes_name_the_same_commands_and_code() -> None:
    english, chinese = ([b for b in blocks(page) if b.language in ("sh", "text")] for page in READMES)
    assert english == chinese
    code = [re.sub(r"  # .*", "", b.text) for page in READMES for b in blocks(page) if b.language == "python"]
    assert len(code) == 2
    assert code[0] == code[1]


@pytest.mark.parametrize("page", READMES, ids=name)
def test_the_code_of_a_readme_runs(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (code,) = [b.text for b in blocks(page) if b.language == "python"]
    names = run(code)
    frame = names["ads"]
    assert isinstance(frame, pl.DataFrame)
    assert len(names["effect"]) == frame.height
    if page == READMES[0]:
        again = run(code.replace("pl.read_csv", "pd.read_csv"), pd=pd)
        assert isinstance(again["ads"], pd.DataFrame)
        np.testing.assert_array_equal(again["effect"].click.mean, names["effect"].click.mean)


def test_the_readme_s_way_to_one_s_own_shop(shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = [b for b in blocks(READMES[0]) if "adwright init my-shop" in b.text]
    printed = run_block(block, monkeypatch)
    assert Path(printed.rsplit("report: ", maxsplit=1)[1].strip()).is_file()


def test_the_how_to_pages_do_what_they_say(shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {page.stem for page in (DOCS / "how-to").glob("*.md")} - {"README"}
    assert pages == {*HOW_TO, *AFTER_A_RUN, *AN_HOUR_LONG}
    for stem in (*HOW_TO, *AFTER_A_RUN):
        printed = ""
        for block in blocks(DOCS / "how-to" / f"{stem}.md"):
            if block.language == "sh":
                printed = run_block(block, monkeypatch)
            elif block.language == "python":
                run(block.text)
            elif not block.text.startswith("["):  # not a recipe: what the command before it printed
                assert set(block.text.splitlines()) <= set(printed.splitlines()), stem
        if stem == "review":
            approve_everything(Path("todo.csv"), monkeypatch)
    with Workspace.open("my-shop") as shop:
        assert shop.ledger.decisions().height >= 2


def approve_everything(sheet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pl.read_csv(sheet, infer_schema=False).with_columns(decision=pl.lit("approve"))
    rows.write_csv(sheet)
    run_block(Block("sh", f"adwright review -w my-shop --read {sheet} --by Ann"), monkeypatch)


def test_what_the_pages_add_is_found_by_its_name(tmp_path: Path) -> None:
    """The blocks of docs/extend as an installed package: entry points, names, and the promises of each."""
    entries = {}
    for page in sorted((DOCS / "extend").glob("*.md")):
        for block in blocks(page):
            if block.language == "python":
                (tmp_path / f"{block.text.split('.py')[0].removeprefix('# ')}.py").write_text(block.text)
            elif block.language == "toml":
                entries |= tomllib.loads(block.text)["project"]["entry-points"]
    assert len(entries) == 4
    info = tmp_path / "my_shop-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-shop\nVersion: 0.1\n")
    lines = [f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in e.items()) for group, e in entries.items()]
    (info / "entry_points.txt").write_text("\n".join(lines))
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{USE_THEM}"],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["banner", "echo", "shouting", "best_three"]


USE_THEM = """
from adwright.decide import policy_named
from adwright.generate import check as run_guards, create_backend, get_kind
from adwright.generate.facts import facts_of
from adwright.generate.guards import create_guards
from adwright.generate.requests import WriteRequest
from adwright.schema import Brief, Content, Provenance
from adwright.testing import BACKEND_CHECKS, GUARD_CHECKS, KIND_CHECKS, NOW, POLICY_CHECKS, toy_products

for check in KIND_CHECKS:
    check(get_kind("banner"))
briefs = [Brief(kind="ad_copy", products=(p,), channel="email", language="en", angle="ease", tone="plain")
          for p in toy_products(2)]
requests = [WriteRequest(brief=b, n=2, seed=5, facts=facts_of(b, now=NOW), now=NOW) for b in briefs]
backend = create_backend("echo", {"greeting": "New:"})
for check in BACKEND_CHECKS:
    check(backend, requests)
(guard,) = create_guards(["shouting"])
loud = Content(id="", kind="ad_copy", product_ids=(), cohort_id="everyone", channel="email", language="en",
               slots={"headline": "SALE", "description": "A mug."}, provenance=Provenance(backend="none"))
assert "shouting.capitals" in {f.rule_id for f in run_guards(loud, now=NOW)}
for check in GUARD_CHECKS:
    check(guard)
policy = policy_named("best_three")
for check in POLICY_CHECKS:
    check(policy)
print(get_kind("banner").name, backend.name, guard.name, policy.name)
"""


def run(code: str, **names: object) -> dict[str, object]:
    """The names that a piece of code leaves."""
    space: dict[str, object] = {"__name__": "page", **names}
    exec(compile(code, "page", "exec"), space)
    return space
