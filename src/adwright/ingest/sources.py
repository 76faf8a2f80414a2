"""Files as records: JSON Lines, JSON arrays, CSV, TSV and Parquet, gzip or not, one row at a time.

A row that cannot be read becomes a record with an error, so that the rest of the file goes on. Only a
file that cannot be read at all is a `DataError`.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Never, cast

import polars as pl

from adwright.errors import DataError
from adwright.ingest.delimited import read_header, read_rows
from adwright.ingest.records import Record
from adwright.ingest.report import RowError

ROW_LIMIT = 8 * 2**20
"""Bytes of one line; a longer one is refused so that a file without line ends cannot fill the memory."""

FORMATS = ("jsonl", "json", "csv", "tsv", "parquet")
_SUFFIXES = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
}


def format_of(path: Path, file_format: str | None) -> str:
    """One of `FORMATS`: the given one, else by the file's suffix (before `.gz`)."""
    if file_format in FORMATS:
        return file_format
    suffixes = [s.lower() for s in path.suffixes if s.lower() != ".gz"]
    found = _SUFFIXES.get(suffixes[-1] if suffixes else "")
    if file_format is not None or found is None:
        raise DataError(
            "unknown file format",
            argument="--format",
            value=file_format or path.name,
            allowed=", ".join(FORMATS),
        )
    return found


def read_records(path: Path, file_format: str) -> Iterator[Record]:
    """The records of a file. Missing, empty, or broken beyond rows: `DataError`."""
    _check_file(path)
    reader = {
        "jsonl": _json_lines,
        "json": _json_document,
        "csv": lambda p: _delimited(p, ","),
        "tsv": lambda p: _delimited(p, "\t"),
        "parquet": _parquet,
    }[file_format]
    n_rows = 0
    try:
        for record in reader(path):
            n_rows += 1
            yield record
    except (gzip.BadGzipFile, EOFError) as error:
        raise DataError(
            f"the gzip file breaks off after {n_rows} rows: {error}", argument="file", value=str(path)
        ) from error
    except OSError as error:
        raise DataError(f"cannot read: {error}", argument="file", value=str(path)) from error
    if n_rows == 0:
        raise DataError("the file has no rows", argument="file", value=str(path))


def columns_of(path: Path, file_format: str) -> list[str] | None:
    """The column names of a table file; None for JSON, where each row has its own."""
    _check_file(path)
    if file_format == "parquet":
        return _parquet_columns(path)
    if file_format in ("csv", "tsv"):
        with _open_text(path) as handle:
            return read_header(handle, "," if file_format == "csv" else "\t")
    return None


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise DataError("no such file", argument="file", value=str(path))
    if path.stat().st_size == 0:
        raise DataError("the file is empty", argument="file", value=str(path))
    with path.open("rb") as handle:
        if handle.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise DataError(
                "the file is UTF-16", argument="file", value=str(path), hint="Save it as UTF-8 and try again"
            )


def _open_bytes(path: Path) -> IO[bytes]:
    with path.open("rb") as handle:
        zipped = handle.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if zipped else path.open("rb", buffering=2**20)


def _open_text(path: Path) -> io.TextIOWrapper:
    return io.TextIOWrapper(_open_bytes(path), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _refuse_constant(name: str) -> Never:
    raise RowError("not_a_number", "", f"{name} is not a number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _json_lines(path: Path) -> Iterator[Record]:
    with _open_bytes(path) as handle:
        line = 0
        while chunk := handle.readline(ROW_LIMIT + 1):
            line += 1
            if len(chunk) > ROW_LIMIT:
                _skip_line(handle, chunk)
                yield Record(line, chunk[:ROW_LIMIT], None, _row_too_long())
                continue
            if line == 1:
                chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            if not chunk.isspace() and chunk:
                yield _json_row(line, chunk)


def _json_row(line: int, chunk: bytes) -> Record:
    try:
        fields = _DECODER.decode(chunk.decode("utf-8"))
    except UnicodeDecodeError as error:
        return Record(line, chunk, None, _invalid_utf8(error.start))
    except json.JSONDecodeError as error:
        reason = f"not JSON at character {error.pos + 1}: {error.msg.removesuffix(' at')}"
        return Record(line, chunk, None, RowError("malformed_json", "", reason))
    except RowError as error:
        return Record(line, chunk, None, error)
    except RecursionError:
        return Record(line, chunk, None, RowError("malformed_json", "", "nested too deeply"))
    except ValueError:  # a whole number of more digits than Python converts
        return Record(line, chunk, None, RowError("number_overflow", "", "a number has too many digits"))
    if type(fields) is not dict:
        return Record(line, chunk, None, RowError("not_an_object", "", "the line is not a JSON object"))
    return Record(line, chunk, fields)


def _json_document(path: Path) -> Iterator[Record]:
    """The objects of a JSON array, or of the first array inside an object such as {"products": [...]}."""
    with _open_bytes(path) as handle:
        data = handle.read()
    try:
        document = _DECODER.decode(data.decode("utf-8-sig"))
    except RowError as error:
        raise DataError(f"not JSON: {error.reason}", argument="file", value=str(path)) from error
    except (ValueError, RecursionError) as error:
        if _is_json_lines(data):
            yield from _json_lines(path)
            return
        raise DataError(f"not JSON: {error}", argument="file", value=str(path)) from error
    for place, item in enumerate(_items(document, path), start=1):
        if isinstance(item, dict):
            yield Record(place, item, item)
        else:
            error_ = RowError("not_an_object", "", "the item is not a JSON object")
            yield Record(place, json.dumps(item), None, error_)


def _is_json_lines(data: bytes) -> bool:
    first = data.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return _json_row(1, first).fields is not None


def _items(document: object, path: Path) -> list[Any]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        lists = [v for v in document.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        return lists[0] if lists else [document]
    raise DataError("the JSON is neither an array nor an object", argument="file", value=str(path))


def _delimited(path: Path, separator: str) -> Iterator[Record]:
    with _open_text(path) as handle:
        yield from read_rows(handle, separator)


def _parquet_columns(path: Path) -> list[str]:
    try:
        return list(pl.read_parquet_schema(path))
    except pl.exceptions.PolarsError as error:
        raise _not_parquet(path, error) from error


def _parquet(path: Path) -> Iterator[Record]:
    line = 0
    try:
        for batch in pl.scan_parquet(path).collect_batches(chunk_size=10_000, maintain_order=True):
            for row in batch.iter_rows(named=True):
                line += 1
                yield Record(line, row, row)
    except pl.exceptions.PolarsError as error:
        raise _not_parquet(path, error) from error


def _not_parquet(path: Path, error: Exception) -> DataError:
    return DataError(f"not Parquet: {str(error).splitlines()[0]}", argument="file", value=str(path))


def _skip_line(handle: IO[bytes], chunk: bytes) -> None:
    while chunk and not chunk.endswith(b"\n"):
        chunk = handle.readline(ROW_LIMIT)


def _row_too_long() -> RowError:
    return RowError("row_too_long", "", f"the line has more than {ROW_LIMIT // 2**20} MiB")


def _invalid_utf8(position: int) -> RowError:
    return RowError("invalid_utf8", "", f"not UTF-8 at byte {position + 1}")
