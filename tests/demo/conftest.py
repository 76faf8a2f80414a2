from __future__ import annotations

import pytest

from adwright.demo import DemoResult
from demo.small import small_demo


@pytest.fixture(scope="session")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """An English shop in an ordinary world."""
    return small_demo(tmp_path_factory.mktemp("demo") / "new" / "demo")


@pytest.fixture(scope="session")
def null(tmp_path_factory: pytest.TempPathFactory) -> DemoResult:
    """A Chinese shop in a world where texts have no effect."""
    return small_demo(tmp_path_factory.mktemp("demo"), language="zh", kind="null", seed=3)
