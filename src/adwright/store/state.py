"""The operational tables as they are now; `store.migrations` says how a database gets there.

A test holds that the migrations end exactly here.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from adwright.errors import UsageError


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware datetime in UTC, on SQLite too, which has no time zones. A naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The time as the database is given it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise UsageError("a time without a time zone", argument="at", value=value, allowed="UTC")
        at = value.astimezone(UTC)
        return at.replace(tzinfo=None) if dialect.name == "sqlite" else at

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The time as the database gave it, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()
_serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SETTING = sa.Table(
    "setting",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

PART = sa.Table(
    "part",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("n_rows", sa.BigInteger, nullable=False),
    sa.Column("n_bytes", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

SEEN_KEY = sa.Table(
    "seen_key",
    metadata,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
)

CONTENT = sa.Table(
    "content",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("product_ids", sa.JSON, nullable=False),
    sa.Column("cohort_id", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("slots", sa.JSON, nullable=False),
    sa.Column("provenance", sa.JSON, nullable=False),
    sa.Column("angle", sa.Text),
    sa.Column("tone", sa.Text),
    sa.Column("offer_id", sa.Text),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("effect", sa.JSON(none_as_null=True)),
)

FINDING = sa.Table(
    "finding",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("slot", sa.Text, nullable=False),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("exemption", sa.Text),
)

APPROVAL = sa.Table(
    "approval",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("approved", sa.Boolean, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

DECISION = sa.Table(
    "decision",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("customer_id", sa.Text, nullable=False),
    sa.Column("content_id", sa.Text, nullable=False),
    sa.Column("propensity", sa.Double, nullable=False),
    sa.Column("propensities", sa.JSON, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("slice", sa.Text, nullable=False),
    sa.Column("experiment_id", sa.Text),
    sa.Column("degraded", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)

OUTCOME_TOTAL = sa.Table(
    "outcome_total",
    metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("content_id", sa.Text, primary_key=True),
    sa.Column("at", UtcTime, primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    sa.Column("cohort_id", sa.Text, primary_key=True),
    sa.Column("n_exposures", sa.BigInteger, nullable=False),
    sa.Column("n_clicks", sa.BigInteger, nullable=False),
    sa.Column("n_conversions", sa.BigInteger, nullable=False),
    sa.Column("value_minor", sa.BigInteger, nullable=False),
    sa.Column("cost_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text),
    sa.Column("expected_clicks", sa.Double, nullable=False),
    sa.Column("expected_conversions", sa.Double, nullable=False),
)

EXPERIMENT = sa.Table(
    "experiment",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
)

QUARANTINE = sa.Table(
    "quarantine",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("file", sa.Text, nullable=False),
    sa.Column("line", sa.BigInteger, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("raw", sa.Text, nullable=False),
    sa.Column("n_raw_chars", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)

RUN = sa.Table(
    "run",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("started_at", UtcTime, server_default=sa.func.current_timestamp(), nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
)

RUN_STEP = sa.Table(
    "run_step",
    metadata,
    sa.Column("run_number", sa.BigInteger, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("payload", sa.JSON, nullable=False),
)

MODEL_CALL = sa.Table(
    "model_call",
    metadata,
    sa.Column("number", _serial, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("backend", sa.Text, nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("http_status", sa.BigInteger, nullable=False),
    sa.Column("n_prompt_tokens", sa.BigInteger, nullable=False),
    sa.Column("n_completion_tokens", sa.BigInteger, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("reserved_micro", sa.BigInteger, nullable=False),
    sa.Column("cost_micro", sa.BigInteger),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("fault", sa.Text, nullable=False),
    sa.Column("answer", sa.Text),
    sa.Column("is_whole", sa.Boolean, nullable=False),
)
