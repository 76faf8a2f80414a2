"""From a predictor trained elsewhere to what a fit here starts from: its linear scores, on matched columns."""

from __future__ import annotations

from typing import Any

from adwright.errors import DataError
from adwright.predict.linear_source import LinearSource, LinearTerm
from adwright.predict.models.choice import LINEAR
from adwright.predict.models.logistic import LinearScore
from adwright.predict.models.transfer import Transferred
from adwright.predict.rate_model import RateModel
from adwright.predict.recipe import PredictRecipe
from adwright.schema import F64


def linear_sources(parts: Any, source: PredictRecipe, target: PredictRecipe) -> dict[str, LinearSource]:
    """By rate of the target's recipe, what the source says of it.

    Args:
        parts: What was fitted in the source: its features and rates.
        source: The source's recipe.
        target: The recipe of the fit that starts from it.

    Raises:
        DataError: no column means the same in both, no rate is in both, or the source has no linear model.
    """
    columns = _matched(source, target)
    found: dict[str, LinearSource] = {}
    for name in target.rates:
        rate: RateModel | None = parts.rates.get(name)
        if rate is not None and (terms := _terms(parts, rate, columns)):
            found[name] = LinearSource(terms)
    if not found:
        raise DataError(
            "the model to start from has no linear part for a rate of this recipe",
            argument="warm_start",
            value={name: list(rate.model.models) for name, rate in parts.rates.items()},
            allowed=f"a model of {', '.join(target.rates)} with one of {', '.join(LINEAR)}",
        )
    return found


def _terms(parts: Any, rate: RateModel, columns: dict[str, str]) -> tuple[LinearTerm, ...]:
    beta: F64 | None = None
    terms: list[LinearTerm] = []
    for kind, model in rate.model.models.items():
        scale = rate.slope * rate.model.weights[kind]
        if isinstance(model, LinearScore | Transferred):
            own = scale * model.beta[0]
            beta = own if beta is None else beta + own
        if isinstance(model, Transferred) and model.strength[0] > 0:
            terms += [
                LinearTerm(t.features, _through(t.columns, columns), scale * model.strength[0] * t.beta)
                for t in model.source.terms
            ]
    if beta is not None:
        terms.insert(0, LinearTerm(parts.features, columns, beta))
    return tuple(terms)


def _matched(source: PredictRecipe, target: PredictRecipe) -> dict[str, str]:
    """Source's column -> target's: of the same name and role, and the one text of each, whatever its name."""
    there, here = source.roles, target.roles
    found = {name: name for name, role in there.items() if here.get(name) == role}
    texts_there, texts_here = source.columns.text, target.columns.text
    if len(texts_there) == len(texts_here) == 1:
        found[texts_there[0]] = texts_here[0]
    if not found:
        raise DataError(
            "the model to start from shares no column with this recipe",
            argument="warm_start",
            value=list(there),
            allowed=f"columns of the same name and role as some of {', '.join(here)}",
            hint="Rename columns, or start from another model",
        )
    return found


def _through(inner: Any, outer: dict[str, str]) -> dict[str, str]:
    """The first mapping followed by the second."""
    return {name: outer[middle] for name, middle in inner.items() if middle in outer}
