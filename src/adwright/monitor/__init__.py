"""What is watched after launch: whether tables have changed."""

from adwright.monitor.drift import LEAST_PSI, ColumnDrift, drift

__all__ = ["LEAST_PSI", "ColumnDrift", "drift"]
