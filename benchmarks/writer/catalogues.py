"""The catalogues that the writers are measured on, as products."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path

from adwright.schema import Product

_NOUN_FIELDS = ("衣样式", "裙长", "裤型", "裙型", "裤长")
_NOUN_ENDINGS = ("裙", "裤", "衫", "衣", "套", "装", "polo", "马甲")
_TYPES = {"上衣": "上衣", "裙": "裙子", "裤": "裤子"}
_INVENTED = (
    ("Aeolian wind chime", "Sound and Garden", "Bronze-coloured tubes on a walnut ring.", "Halden"),
    ("Beekeeping smoker", "Apiary", "A smoker with a leather bellows for calm hives.", "Immenhof"),
    ("Foraging knife", "Mushrooming", "A curved blade with a boar-bristle brush.", None),
    ("Kombucha starter jar", "Fermentation", "A three-litre glass jar with a cloth cover.", "Sauerwerk"),
    ("Letterpress type tray", "Printing", "A tray of 90 compartments for type.", None),
    ("Marimba mallets", "Percussion", "A pair of mallets wound with yarn.", "Tonholz"),
    ("Observatory star chart", "Astronomy", "A printed chart of the northern sky.", "Polaris"),
    ("Pottery kick wheel", "Studio Pottery", "A wheel that is driven by foot.", "Claybourne"),
    ("Saddle blanket", "Equestrian", "A woven wool blanket in blue and grey.", "Fenwick"),
    ("Theremin kit", "Synthesisers", "A kit of parts for a theremin.", "Etherwave Lab"),
    ("蓝晒相纸", "暗房材料", "用于蓝晒工艺的棉浆纸。", "影子房"),
    ("竹编鱼篓", "渔具", "手编竹篓，配麻绳。", None),
    ("古琴弦", "丝弦", "一套七根丝弦。", "清音坊"),
    ("皮影戏人偶", "民间手艺", "牛皮镂刻，红绿两色。", "老陕皮影"),
    ("陶笛", "吹奏乐器", "十二孔陶笛，黑色。", "陶然"),
    ("养蚕盒", "自然观察", "透明塑料盒，带透气孔。", None),
)


def data_folder() -> Path:
    """Where the public data lie: ADWRIGHT_DATA, else ../shared/data beside the repository."""
    return Path(os.environ.get("ADWRIGHT_DATA", Path(__file__).parents[2].parent / "shared" / "data"))


def catalogue(name: str) -> list[Product]:
    """The products of one catalogue."""
    return {"dummyjson": dummyjson, "advertisegen": advertisegen, "invented": invented}[name]()


def dummyjson() -> list[Product]:
    """The 194 products of the public dummyjson catalogue."""
    text = (data_folder() / "catalog" / "dummyjson_products.json").read_text(encoding="utf-8")
    return [
        Product(
            id=str(row["id"]),
            title=row["title"],
            description=row["description"],
            price_minor=round(row["price"] * 100),
            currency="USD",
            quantity=row["stock"],
            brand=row.get("brand"),
            product_type=row["category"],
            rating=row["rating"],
        )
        for row in json.loads(text)
    ]


def advertisegen() -> list[Product]:
    """The garments of the development set: their attributes alone, never the copy that people wrote."""
    lines = (data_folder() / "advertisegen" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [garment(i, json.loads(line)["content"]) for i, line in enumerate(lines)]


def garment(index: int, content: str) -> Product:
    """A garment of its attributes as the data set writes them: name#value*name#value."""
    values: defaultdict[str, list[str]] = defaultdict(list)
    for pair in content.split("*"):
        name, _, value = pair.partition("#")
        if value not in values[name]:
            values[name].append(value)
    kind = values.pop("类型")[0]
    nouns = [v for f in _NOUN_FIELDS for v in values.get(f, ()) if v.endswith(_NOUN_ENDINGS)]
    title = nouns[0] if nouns else _TYPES.get(kind, kind)
    attributes = {name: "、".join(v for v in found if v != title) for name, found in values.items()}
    return Product(
        id=f"garment-{index}",
        title=title,
        product_type=kind,
        attributes={name: value for name, value in attributes.items() if value},
    )


def invented() -> list[Product]:
    """Products of kinds that no lexicon of this project names."""
    return [
        Product(
            id=f"invented-{i}",
            title=title,
            product_type=kind,
            description=description,
            brand=brand,
            price_minor=1900 + 700 * i,
            currency="EUR" if title.isascii() else "CNY",
        )
        for i, (title, kind, description, brand) in enumerate(_INVENTED)
    ]
