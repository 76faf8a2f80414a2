"""The first tables: settings, parts and keys, contents, ledger, experiments, quarantine, runs."""

from __future__ import annotations

import sqlalchemy as sa

_metadata = sa.MetaData()
_time = sa.DateTime(timezone=True)


def _number() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("number", kind, primary_key=True, autoincrement=True)


def _text(name: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=primary_key, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


sa.Table("setting", _metadata, _text("name", primary_key=True), _text("value"))

sa.Table(
    "part",
    _metadata,
    _number(),
    _text("table_name"),
    _count("n_rows"),
    _count("n_bytes"),
    _text("digest"),
    sa.Index("part_by_table", "table_name"),
    sqlite_autoincrement=True,
)

sa.Table(
    "seen_key",
    _metadata,
    _text("table_name", primary_key=True),
    _text("key", primary_key=True),
    sqlite_with_rowid=False,
)

sa.Table(
    "content",
    _metadata,
    _number(),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    _text("kind"),
    sa.Column("product_ids", sa.JSON, nullable=False),
    _text("cohort_id"),
    _text("channel"),
    _text("language"),
    sa.Column("slots", sa.JSON, nullable=False),
    sa.Column("provenance", sa.JSON, nullable=False),
    _text("angle", nullable=True),
    _text("tone", nullable=True),
    _text("offer_id", nullable=True),
    _text("status"),
    _text("why"),
    sa.Column("effect", sa.JSON),
    sa.Index("content_by_status", "status"),
)

sa.Table(
    "finding",
    _metadata,
    _number(),
    sa.Column("content_id", sa.Text, sa.ForeignKey("content.id"), nullable=False, index=True),
    _text("rule_id"),
    _text("severity"),
    _text("slot"),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    _text("text"),
    _text("evidence"),
    _text("exemption", nullable=True),
)

sa.Table(
    "approval",
    _metadata,
    _number(),
    sa.Column("content_id", sa.Text, sa.ForeignKey("content.id"), nullable=False),
    sa.Column("approved", sa.Boolean, nullable=False),
    _text("by"),
    sa.Column("at", _time, nullable=False),
    _text("text"),
    _text("reason"),
    sa.UniqueConstraint("content_id", "at", "by", name="approval_once"),
)

sa.Table(
    "decision",
    _metadata,
    _text("id", primary_key=True),
    _text("customer_id"),
    _text("content_id"),
    sa.Column("propensity", sa.Double, nullable=False),
    sa.Column("propensities", sa.JSON, nullable=False),
    _text("policy"),
    _text("model_version"),
    sa.Column("at", _time, nullable=False, index=True),
    _text("channel"),
    _text("slice"),
    _text("experiment_id", nullable=True),
    sa.Column("degraded", sa.Boolean, nullable=False),
    _text("reason"),
)

sa.Table(
    "outcome_total",
    _metadata,
    _text("source", primary_key=True),
    _text("content_id", primary_key=True),
    sa.Column("at", _time, primary_key=True),
    _text("channel", primary_key=True),
    _text("cohort_id", primary_key=True),
    _count("n_exposures"),
    _count("n_clicks"),
    _count("n_conversions"),
    _count("value_minor"),
    _count("cost_minor"),
    _text("currency", nullable=True),
    sa.Column("expected_clicks", sa.Double, nullable=False),
    sa.Column("expected_conversions", sa.Double, nullable=False),
)

sa.Table(
    "experiment",
    _metadata,
    _number(),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("payload", sa.JSON, nullable=False),
)

sa.Table(
    "quarantine",
    _metadata,
    _number(),
    _text("file"),
    _count("line"),
    _text("reason_code"),
    _text("reason"),
    _text("raw"),
    _count("n_raw_chars"),
    _text("digest"),
    sa.UniqueConstraint("file", "line", "digest", name="quarantine_once"),
)

sa.Table(
    "run",
    _metadata,
    _number(),
    _text("name"),
    _text("digest"),
    sa.Column("started_at", _time, server_default=sa.func.current_timestamp(), nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
)

sa.Table(
    "run_step",
    _metadata,
    sa.Column("run_number", sa.BigInteger, sa.ForeignKey("run.number"), primary_key=True),
    _text("step", primary_key=True),
    sa.Column("payload", sa.JSON, nullable=False),
)


def upgrade(connection: sa.Connection) -> None:
    """Creates the tables."""
    _metadata.create_all(connection, checkfirst=False)
