from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adwright.schema import EVERYONE, Content, Provenance
from adwright.simulate.world import World

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)

MakeContent = Callable[..., Content]


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def world() -> World:
    return World.draw(1, n_products=32, n_customers=400)


@pytest.fixture(scope="session")
def make_content() -> MakeContent:
    def make(
        text: str,
        product_id: str = "p0001",
        *,
        channel: str = "onsite",
        kind: str = "ad_copy",
        language: str = "en",
    ) -> Content:
        return Content(
            id=f"{product_id}/{channel}/{text}",
            kind=kind,
            product_ids=(product_id,),
            cohort_id=EVERYONE,
            channel=channel,
            language=language,  # type: ignore[arg-type]
            slots={"headline": text},
            provenance=Provenance(backend="test"),
        )

    return make
