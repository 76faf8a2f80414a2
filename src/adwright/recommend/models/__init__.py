"""Recommenders, one file each behind one interface (`model.py`), found by name (`registry.py`)."""
