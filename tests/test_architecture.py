"""Who may import whom, and how large a file may be: the layout of the packages is the architecture."""

from __future__ import annotations

import ast
from pathlib import Path

SRC = Path(__file__).parents[1] / "src" / "adwright"

LAYERS: list[set[str]] = [
    {"schema", "material", "errors"},
    {"config", "registry"},
    {"text", "stats", "backbone", "privacy"},
    {"store", "workspace"},
    {"ingest", "profile", "recommend", "generate", "predict", "decide", "experiment", "monitor", "report"},
    {"review", "learn"},
    {"gate", "pipeline"},
    {"simulate", "demo", "testing"},
    {"cli"},
]
"""Lowest first. A package imports from lower layers, and inside a layer only what `ALLOWED_SIDEWAYS` says."""

ALLOWED_SIDEWAYS = {
    ("schema", "errors"),
    ("schema", "material"),
    ("stats", "text"),
    ("workspace", "store"),
    ("pipeline", "gate"),
    ("demo", "simulate"),
    ("backbone", "text"),
    ("privacy", "text"),
}

SIMULATE_READS = {"schema", "errors", "store"}
MAX_MODULE_LINES = 500
MAX_FUNCTION_LINES = 60
TOO_LONG: set[str] = set()
"""Functions over the ceiling, as module:function. It may only shrink."""


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(SRC).with_suffix("").parts): path
        for path in sorted(SRC.rglob("*.py"))
        if path != SRC / "__init__.py"
    }


def imports(path: Path) -> set[str]:
    """Every adwright module that the file imports, function-level imports and TYPE_CHECKING included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.startswith("adwright.")}
        elif (
            isinstance(node, ast.ImportFrom)
            and node.level == 0
            and (node.module or "").startswith("adwright")
        ):
            base = node.module or ""
            found |= {f"{base}.{a.name}" for a in node.names} if base == "adwright" else {base}
        elif isinstance(node, ast.ImportFrom) and node.level > 0:
            found.add("relative import")
    return {name.removeprefix("adwright.") for name in found}


def package(module: str) -> str:
    return module.split(".", maxsplit=1)[0]


def layer(name: str) -> int:
    for i, names in enumerate(LAYERS):
        if name in names:
            return i
    raise AssertionError(f"{name} has no layer: add it to LAYERS and to the architecture page")


def test_imports_go_down_the_layers_only() -> None:
    wrong = []
    for module, path in modules().items():
        me = package(module)
        for other in {package(m) for m in imports(path)} - {me, "__version__"}:
            sideways = layer(other) == layer(me) and (me, other) in ALLOWED_SIDEWAYS
            if not (layer(other) < layer(me) or sideways):
                wrong.append(f"{module} imports {other}")
    assert wrong == []


def test_the_simulated_shop_is_seen_by_the_demo_alone() -> None:
    for module, path in modules().items():
        used = {package(m) for m in imports(path)}
        if package(module) == "simulate":
            assert used <= SIMULATE_READS | {"simulate"}, module
        elif package(module) != "demo":
            assert "simulate" not in used, module


def test_no_module_imports_in_a_circle() -> None:
    known = modules()
    graph: dict[str, set[str]] = {}
    for module, path in known.items():
        targets = set()
        for name in imports(path):
            for candidate in (name, f"{name}.__init__"):
                if candidate in known and candidate != module:
                    targets.add(candidate)
        graph[module] = targets
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for target in graph[module]:
                visit(target, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_modules_and_functions_stay_small() -> None:
    long_modules, long_functions = [], []
    for module, path in modules().items():
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > MAX_MODULE_LINES:
            long_modules.append(module)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                length = (node.end_lineno or 0) - body[0].lineno + 1 if body else 1
                if length > MAX_FUNCTION_LINES:
                    long_functions.append(f"{module}:{node.name}")
    assert long_modules == []
    assert set(long_functions) == TOO_LONG


def test_no_drawers() -> None:
    drawers = {"utils", "util", "helpers", "common", "misc", "manager", "base", "core"}
    bad = [m for m in modules() if drawers & set(m.split("."))]
    assert bad == []


def test_heavy_packages_are_imported_where_they_are_needed_only() -> None:
    """`import adwright` and `--help` stay fast: torch and its like are never imported at the top of a module
    outside the modules that exist for them."""
    heavy = {"torch", "transformers", "peft", "sklearn", "plotly", "ray", "openpyxl"}
    for module, path in modules().items():
        apart = ".backends." in module or module.startswith("recommend.networks.")
        if package(module) in {"backbone", "predict", "report", "review"} or apart:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not heavy & {n.split(".")[0] for n in names}, module
