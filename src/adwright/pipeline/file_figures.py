"""What ingest said of one file, as the report shows it, in both languages."""

from __future__ import annotations

from pathlib import Path

from adwright.ingest import IngestReport, QualityNote, Rejection
from adwright.report.figures import FileFigures, ReasonFigures, Words

REASONS_ZH = {
    "conflicting_total": "与已有的汇总数据冲突",
    "duplicate_id": "文件内编号重复：{field}",
    "impossible_time": "时间不可能：{field}",
    "malformed_csv": "不是合法的 CSV",
    "malformed_json": "不是合法的 JSON",
    "missing_currency": "金额没有币种：{field}",
    "missing_value": "缺少必填字段：{field}",
    "mixed_currencies": "同一行有多个币种",
    "negative_value": "不应为负数：{field}",
    "not_a_number": "不是数字：{field}",
    "not_an_object": "不是 JSON 对象",
    "number_overflow": "数字过大：{field}",
    "out_of_range": "超出允许范围：{field}",
    "row_too_long": "该行过长",
    "text_too_long": "文字过长：{field}",
    "too_many_decimals": "小数位多于该币种允许的位数：{field}",
    "unknown_currency": "不是 ISO 4217 币种：{field}",
    "unknown_value": "不认识的取值：{field}",
    "unreadable": "无法读取",
    "unreadable_time": "时间格式无法识别：{field}",
    "wrong_field_count": "列数与表头不符",
    "wrong_type": "类型不对：{field}",
}
"""Reason code -> how a Chinese reader is told; the English sentence comes from ingest itself."""

_NOTES_ZH = {
    "missing": "{column} 有 {count} 行缺失（{share}）",
    "duplicate": "{column} 有 {count} 行重复（{share}）",
    "late": "{count} 行（{share}）在发生 24 小时之后才到达",
    "impossible": "{column} 有 {count} 行取值不可能（{share}）",
    "drift": "{column} 在文件前后差别明显，请核对来源",
    "cleaned": "{count} 行文字去掉了不可见字符（{column}）",
    "withheld": "{column} 可能是个人信息，没有保存（{count} 行）",
    "assumed": "{count} 行缺少时区或币种，按约定补上（{column}）",
}
_EXPECTED = {("events", "missing")}
"""Remarks that mean nothing to a reader: no event has every field."""


def file_figures(report: IngestReport) -> FileFigures:
    """The figures of one ingested file. The rejected row itself stays out: it may hold a customer's id."""
    return FileFigures(
        name=Path(report.file).name,
        table=report.table,
        n_read=report.n_read,
        n_added=report.n_added,
        n_changed=report.n_changed,
        n_duplicate=report.n_duplicate,
        n_quarantined=report.n_quarantined,
        reasons=tuple(
            ReasonFigures(code=r.reason_code, reason=_reason(r), count=r.count, example_line=r.line)
            for r in report.commonest
        ),
        quality=tuple(_note(n) for n in report.quality if (report.table, n.kind) not in _EXPECTED),
    )


def _reason(rejection: Rejection) -> Words:
    chinese = REASONS_ZH.get(rejection.reason_code, rejection.reason_code)
    return {"en": rejection.reason, "zh": chinese.format(field=rejection.field)}


def _note(note: QualityNote) -> Words:
    chinese = _NOTES_ZH[note.kind].format(
        column=note.column, count=f"{note.count:,}", share=f"{note.share:.1%}"
    )
    return {"en": note.message, "zh": chinese}
