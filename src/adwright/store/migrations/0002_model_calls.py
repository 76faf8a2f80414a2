"""The cost ledger: calls of language models."""

from __future__ import annotations

import sqlalchemy as sa

_metadata = sa.MetaData()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _count(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


sa.Table(
    "model_call",
    _metadata,
    sa.Column(
        "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True
    ),
    _text("key"),
    _text("run"),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    _text("backend"),
    _text("endpoint"),
    _text("model"),
    _text("status"),
    _count("http_status"),
    _count("n_prompt_tokens"),
    _count("n_completion_tokens"),
    sa.Column("seconds", sa.Double, nullable=False),
    _count("reserved_micro"),
    _count("cost_micro", nullable=True),
    _text("currency"),
    _text("fault"),
    sa.Column("answer", sa.Text),
    sa.Column("is_whole", sa.Boolean, nullable=False),
    sa.Index("model_call_by_key", "key"),
    sa.Index("model_call_by_run", "run"),
    sa.Index("model_call_by_time", "at"),
)


def upgrade(connection: sa.Connection) -> None:
    """Creates the table."""
    _metadata.create_all(connection, checkfirst=False)
