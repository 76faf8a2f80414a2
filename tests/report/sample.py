"""Made-up figures of a run for the tests of the pages: every section filled, one hostile title."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from adwright.report import (
    ArmFigures,
    BlockFigures,
    CalibrationPoint,
    ChoiceFigures,
    CohortFigures,
    ContentFigures,
    DataFigures,
    DecisionFigures,
    Estimate,
    FileFigures,
    MethodFigures,
    MetricFigures,
    PredictorFigures,
    ReasonFigures,
    RecommendedFigures,
    RunFigures,
    TargetFigures,
    TestFigures,
    TrafficFigures,
)
from adwright.schema import Content, ContentStatus, Finding, Language, Product, Provenance, content_id

NOW = datetime(2026, 3, 9, 8, 30, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script>'

_TEXTS: dict[Language, tuple[tuple[str, str, str, ContentStatus], ...]] = {
    "zh": (
        ("夏天也干爽的纯棉衬衫", "100% 新疆长绒棉，透气不闷，机洗不变形。", "benefit", "live"),
        ("一件穿四季，今天 199 元", "原价 259 元，现在少花 60 元，七天可退。", "price", "live"),
        ("老顾客都回购的那件白衬衫", "4.7 分好评，做工经得起细看。", "trust", "draft"),
        ("把周末穿得轻一点", "轻盈棉纱，弯腰抬手都自在。", "style", "draft"),
        ("全网最低价，最后一天", "全国销量第一的衬衫，错过再等一年。", "urgency", "rejected"),
    ),
    "en": (
        ("A cotton shirt that stays cool", "100% long-staple cotton. Washes, keeps its shape.", "benefit", "live"),
        ("One shirt, four seasons, $29", "Was $39. You keep $10, and have seven days to return it.", "price", "live"),
        ("The white shirt people buy again", "Rated 4.7 of 5. Stitching that lasts.", "trust", "draft"),
        ("Dress the weekend lightly", "Airy cotton gauze that moves when you do.", "style", "draft"),
        ("Lowest price ever, last day", "The world's best-selling shirt. Never again at $9.", "urgency", "rejected"),
    ),
}  # fmt: skip


def make_content(
    headline: str,
    description: str,
    *,
    language: Language = "en",
    status: ContentStatus = "draft",
    angle: str | None = None,
    channel: str = "social",
    cohort_id: str = "k_comfort",
) -> Content:
    """A content with the two slots of an advertisement."""
    blank = Content(
        id="",
        kind="ad_copy",
        product_ids=("p-001",),
        cohort_id=cohort_id,
        channel=channel,
        language=language,
        slots={"headline": headline, "description": description},
        provenance=Provenance(backend="compose", created_at=NOW),
        angle=angle,
        status=status,
    )
    return replace(blank, id=content_id(blank))


def sample_figures(language: Language = "en", *, demo: bool = True) -> RunFigures:
    """A run of a shop whose contents are in `language`."""
    contents = _contents(language)
    return RunFigures(
        shop="青禾衣橱" if language == "zh" else "Green Grain",
        at=NOW,
        goal="revenue",
        currency="CNY" if language == "zh" else "USD",
        demo=demo,
        data=_data(),
        cohorts=_cohorts(),
        contents=contents,
        predictor=_predictor(),
        decision=_decision(contents),
        tests=(_test(contents, demo=demo),),
        warnings=(
            {
                "en": "No cost of goods is known, so value is revenue, not margin.",
                "zh": "没有商品成本，因此价值按销售额计算，而不是毛利。",
            },
        ),
        achieved_share=Estimate(mean=0.71, low=0.44, high=0.93) if demo else None,
        methods=(
            MethodFigures(
                name={"en": "Attributed orders", "zh": "归因到的订单"},
                value="1,204",
                data={"en": "events.jsonl", "zh": "events.jsonl"},
                n=1204,
                interval={"en": "a count", "zh": "计数"},
            ),
        ),
        version="0.1.0",
    )


def _product(language: Language) -> Product:
    return Product(
        id="p-001",
        title=f"纯棉衬衫 {HOSTILE}" if language == "zh" else f"Cotton shirt {HOSTILE}",
        price_minor=19900 if language == "zh" else 2900,
        currency="CNY" if language == "zh" else "USD",
    )


def _contents(language: Language) -> tuple[ContentFigures, ...]:
    items = []
    channels = ("social", "search", "email", "push", "social")
    for i, (headline, description, angle, status) in enumerate(_TEXTS[language]):
        content = make_content(
            headline,
            description,
            language=language,
            status=status,
            angle=angle,
            channel=channels[i],
            cohort_id=_cohorts()[i % 2].id,
        )
        mean = 52.0 - 9.0 * i + 3 * math.sin(i)
        items.append(
            ContentFigures(
                content=content,
                product=_product(language),
                cohort=_cohorts()[i % 2].description,
                findings=_findings(content) if status == "rejected" else _remarks(content) if i == 2 else (),
                value=Estimate(mean=mean, low=mean * 0.55, high=mean * 1.6),
                click=Estimate(mean=0.031 - 0.003 * i, low=0.018 - 0.002 * i, high=0.047),
                conversion=Estimate(mean=0.042, low=0.025, high=0.066),
                in_domain=i != 3,
                gate={"en": "lower bound above the recipe's gate", "zh": "下限高于方案中的门槛"}
                if status == "live"
                else "",
                why={
                    "en": "This group buys natural fabrics and rarely returns them.",
                    "zh": "这个客群偏爱天然面料，退货少。",
                },
            )
        )
    return tuple(items)


def _finding(content: Content, words: str, rule_id: str, evidence: str, *, slot: str = "headline") -> Finding:
    start = content.slots[slot].find(words)
    return Finding(
        rule_id=rule_id,
        severity="block",
        slot=slot,
        start=start,
        end=start + len(words),
        text=words,
        evidence=evidence,
    )


def _findings(content: Content) -> tuple[Finding, ...]:
    if content.language == "zh":
        return (
            _finding(content, "最低价", "law.superlative", "《广告法》第九条：不得使用绝对化用语"),
            _finding(content, "销量第一", "facts.claim", "商品目录中没有销量排名", slot="description"),
        )
    return (
        _finding(content, "Lowest price", "law.superlative", "a claim about all prices that nothing proves"),
        _finding(content, "$9", "facts.price", "the catalogue says $29", slot="description"),
    )


def _remarks(content: Content) -> tuple[Finding, ...]:
    return (
        replace(
            _finding(content, "4.7", "facts.rating", "catalogue: 4.68", slot="description"), severity="warn"
        ),
    )


def _data() -> DataFigures:
    day = timedelta(days=1)
    names = ("train", "tune", "calibrate", "test")
    return DataFigures(
        files=(
            FileFigures(
                name="events.jsonl",
                table="events",
                n_read=120_431,
                n_added=120_402,
                n_duplicate=11,
                n_quarantined=18,
                reasons=(
                    ReasonFigures(
                        code="bad_time",
                        reason={"en": "the time cannot be read", "zh": "时间无法识别"},
                        count=12,
                        example_line=3071,
                        example='{"timestamp": "yesterday <b>"}',
                    ),
                    ReasonFigures(
                        code="negative_price",
                        reason={"en": "a negative price", "zh": "价格为负"},
                        count=6,
                        example_line=88,
                    ),
                ),
                quality=(
                    {"en": "2.1% of events arrive more than a day late.", "zh": "2.1% 的行为迟到一天以上。"},
                ),
            ),
            FileFigures(name="catalog.json", table="products", n_read=60, n_added=60),
            FileFigures(name="contents.parquet", table="contents", n_read=900, n_added=900),
        ),
        first_at=NOW - 120 * day,
        last_at=NOW,
        n_customers=3120,
        n_products=60,
        n_events=120_402,
        blocks=tuple(
            BlockFigures(
                name=name,
                n_rows=rows,
                n_groups=rows // 6,
                first_at=NOW - (120 - 25 * i) * day,
                last_at=NOW - (96 - 25 * i) * day,
            )
            for i, (name, rows) in enumerate(zip(names, (540, 90, 135, 135), strict=True))
        ),
    )


def _cohorts() -> tuple[CohortFigures, ...]:
    recommended = (
        RecommendedFigures(
            product_id="p-001",
            title="Cotton shirt / 纯棉衬衫",
            evidence={"en": "bought by 9% of the group in 60 days", "zh": "60 天内客群中 9% 的人购买"},
        ),
        RecommendedFigures(
            product_id="p-014",
            title="Linen trousers / 亚麻长裤",
            evidence={"en": "most viewed by the group", "zh": "客群浏览最多"},
        ),
    )
    return (
        CohortFigures(
            id="k_comfort",
            description={
                "en": "Comfort seekers: natural fabrics, middle prices, evenings",
                "zh": "讲究舒适：偏爱天然面料，中等价位，晚间购物",
            },
            size=1890,
            share=0.606,
            recommended=recommended,
        ),
        CohortFigures(
            id="k_bargain",
            description={"en": "Bargain hunters: sales and vouchers", "zh": "精打细算：爱看促销和优惠券"},
            size=1230,
            share=0.394,
            recommended=recommended[:1],
        ),
    )


def _predictor() -> PredictorFigures:
    rates = (0.008, 0.014, 0.021, 0.029, 0.041)
    metrics = (
        ("auc", 0.68, 0.64, 0.72, 0.61),
        ("group_auc", 0.60, 0.55, 0.65, 0.50),
        ("pair_accuracy", 0.62, 0.56, 0.68, 0.5),
        ("log_loss", 0.108, 0.101, 0.115, 0.111),
        ("calibration_slope", 0.94, 0.82, 1.07, None),
        ("ece", 0.0021, 0.0008, 0.0036, None),
        ("coverage", 0.91, 0.86, 0.95, None),
    )
    return PredictorFigures(
        model_version="click@3",
        data={"en": "900 past contents of the shop", "zh": "店铺的 900 条历史内容"},
        split={"en": "by time, whole campaigns", "zh": "按时间，以整次活动为单位"},
        n_train=540,
        trained_through=NOW - timedelta(days=21),
        targets=(
            TargetFigures(
                name="click",
                n=135,
                base_rate=0.0226,
                metrics=tuple(
                    MetricFigures(
                        name=name,
                        estimate=Estimate(mean=mean, low=low, high=high),
                        n=135,
                        baseline=baseline,
                        method={"en": "bootstrap over campaigns", "zh": "按活动自助抽样"},
                    )
                    for name, mean, low, high, baseline in metrics
                ),
                calibration=tuple(
                    CalibrationPoint(
                        predicted=p,
                        observed=Estimate(mean=p * 0.96 + 0.001, low=p * 0.8, high=p * 1.2 + 0.001),
                        n=27,
                    )
                    for p in rates
                ),
                k=31.0,
                level_sd=0.35,
            ),
        ),
        warnings=(
            {"en": "Purchases are too few to be judged on their own.", "zh": "购买太少，无法单独评判。"},
        ),
    )


def _decision(contents: tuple[ContentFigures, ...]) -> DecisionFigures:
    ids = [c.content.id for c in contents if c.content.status != "rejected"]
    return DecisionFigures(
        policy="thompson",
        floor=0.05,
        test_share=0.3,
        adaptive_share=0.6,
        holdout_share=0.1,
        choices=tuple(
            ChoiceFigures(
                cohort=cohort.description,
                product="Cotton shirt / 纯棉衬衫",
                channel="social",
                probabilities=dict(zip(ids, shares, strict=True)),
            )
            for cohort, shares in zip(
                _cohorts(), ((0.55, 0.25, 0.15, 0.05), (0.2, 0.6, 0.1, 0.1)), strict=True
            )
        ),
    )


def _test(contents: tuple[ContentFigures, ...], *, demo: bool) -> TestFigures:
    shown = [c for c in contents if c.content.status != "rejected"][:3]
    best = shown[0].content.id
    arms = [
        ArmFigures(
            content_id="c_control",
            label="Cotton shirt. Shop now. / 纯棉衬衫，欢迎选购",
            share=0.25,
            is_control=True,
            n_exposures=8010,
            n_clicks=168,
            n_conversions=7,
            value_minor=203_000,
            measured=Estimate(mean=25.3, low=14.1, high=38.9),
            truth=27.9 if demo else None,
        )
    ]
    for i, item in enumerate(shown):
        mean = (44.6, 35.2, 24.0)[i]
        arms.append(
            ArmFigures(
                content_id=item.content.id,
                share=0.25,
                n_exposures=7985 + 12 * i,
                n_clicks=(247, 205, 158)[i],
                n_conversions=(12, 9, 6)[i],
                value_minor=round(mean * 7990),
                measured=Estimate(mean=mean, low=mean * 0.7, high=mean * 1.35),
                difference=Estimate(mean=mean - 25.3, low=mean - 39.2, high=mean - 11.6),
                p_value=(0.013, 0.21, 0.84)[i],
                predicted=item.value,
                truth=(46.2, 36.1, 26.0)[i] if demo else None,
            )
        )
    return TestFigures(
        experiment_id="x-001",
        title={"en": "Cotton shirt, social feed, all groups", "zh": "纯棉衬衫，信息流，全部客群"},
        metric="revenue",
        arms=tuple(arms),
        n_per_arm=8000,
        minimum_effect=0.3,
        n_days=13.2,
        sample_ratio_p=0.62,
        decision="ship",
        winner_id=best,
        reasons=(
            {
                "en": "The interval of the difference lies above zero, and the traffic split as planned.",
                "zh": "差值的区间全部在零以上，流量按计划分配。",
            },
        ),
        interval_method={"en": "Welch, corrected for 3 comparisons", "zh": "Welch 法，已按 3 次比较修正"},
        achieved_share=Estimate(mean=0.83) if demo else None,
        traffic=_traffic([c.content.id for c in shown]),
    )


def _traffic(ids: list[str]) -> TrafficFigures:
    days = range(14)
    first = [0.34 + 0.04 * d for d in days]
    second = [0.33 - 0.018 * d for d in days]
    exposures = tuple(2000.0 * (d + 1) for d in days)
    return TrafficFigures(
        at=tuple(NOW + timedelta(days=d) for d in days),
        probabilities={
            ids[0]: tuple(first),
            ids[1]: tuple(second),
            ids[2]: tuple(1 - a - b for a, b in zip(first, second, strict=True)),
        },
        cumulative_value={
            "test": tuple(n * (31 + 2 * math.sin(d)) for d, n in zip(days, exposures, strict=True)),
            "adaptive": tuple(n * (33 + 0.6 * d) for d, n in zip(days, exposures, strict=True)),
        },
        cumulative_exposures={"test": exposures, "adaptive": exposures},
    )
