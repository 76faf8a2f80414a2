import io

import numpy as np
import polars as pl
import pytest

from adwright.predict import Predictor, PredictRecipe
from adwright.predict.images import SIDE, distinct_pictures, read_images
from adwright.predict.models.pictures import read_pictures
from adwright.predict.typed_columns import IMAGE_NUMBERS
from predict.synthetic_table import click_recipe, draw_table

Image = pytest.importorskip("PIL.Image")

RED = np.zeros((40, 80, 3), np.uint8) + np.array([255, 0, 0], np.uint8)


def png(pixels):
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def numbers_of(value, dtype=None):
    frame, findings = read_images(pl.DataFrame({"photo": pl.Series([value], dtype=dtype)}), ["photo"])
    return {name: frame[f"photo:{name}"][0] for name in IMAGE_NUMBERS}, findings


def test_a_path_bytes_and_an_array_of_the_same_picture_are_the_same(tmp_path):
    path = tmp_path / "red.png"
    path.write_bytes(png(RED))
    found = [numbers_of(v)[0] for v in (str(path), png(RED), RED.tolist())]
    assert found[0] == pytest.approx(found[1])
    assert found[0] == pytest.approx(found[2])


def test_the_numbers_of_a_red_picture_are_known():
    """Grey value of red .299 (Rec. 601); saturation 1; M3 without spread .3 sqrt(1^2 + .5^2); log(80 / 40)."""
    found, _ = numbers_of(png(RED))
    assert found["brightness"] == pytest.approx(0.299)
    assert found["contrast"] == pytest.approx(0, abs=1e-9)
    assert found["saturation"] == 1
    assert found["colourfulness"] == pytest.approx(0.3 * np.sqrt(1.25))
    assert found["warmth"] == 1
    assert found["edges"] == 0
    assert found["shape"] == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no/such.png", "No such file"),
        (b"not a picture", "bytes"),
        ([[1.0, 2.0], [3.0, 999.0]], "0 to 255"),
        ([[[1.0], [2.0]]], "shape"),
        ("\x00", "null"),
    ],
)
def test_one_that_cannot_be_read_is_a_finding(value, said):
    found, findings = numbers_of(value)
    assert all(np.isnan(v) for v in found.values())
    assert said in findings[0]
    assert "predicted without a picture" in findings[0]


def test_a_bomb_is_not_opened():
    """A PNG of 60,000 x 60,000 pixels of one colour is some kilobytes."""
    held = bytearray(png(np.zeros((1, 1, 3), np.uint8)))
    held[16:24] = (60_000).to_bytes(4, "big") * 2
    _, findings = numbers_of(bytes(held))
    assert findings


def test_no_picture_is_no_finding():
    found, findings = numbers_of(None, pl.String)
    assert all(np.isnan(v) for v in found.values())
    assert findings == []


def test_each_picture_is_read_once():
    place, held = distinct_pictures(pl.Series([png(RED), None, png(RED), png(RED // 2)]))
    assert place.tolist() == [0, -1, 0, 1]
    assert len(held) == 2


def test_a_network_gets_thumbnails_of_the_readable_ones():
    pictures = read_pictures(pl.Series([b"broken", png(RED), None]))
    assert pictures.place.tolist() == [-1, 0, -1]
    assert pictures.thumbnails.shape == (1, 3, SIDE, SIDE)
    assert pictures.thumbnails[0, 0].min() == 255


KINDS = {
    (a, b): png(np.repeat(np.repeat(np.array([[[a] * 3, [b] * 3]], np.uint8) * 255, 8, 0), 4, 1))
    for a in (0, 1)
    for b in (0, 1)
}


def drawn(n, seed):
    """A click is likelier where the left half of the picture is bright, whatever the right half is."""
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, 2, n), rng.integers(0, 2, n)
    click = rng.random(n) < np.where(left == 1, 0.4, 0.1)
    photos = [KINDS[a, b] for a, b in zip(left, right, strict=True)]
    return pl.DataFrame({"photo": photos, "click": click.astype(int)})


def image_recipe(kind):
    return PredictRecipe.of(
        {
            "columns": {"image": ["photo"]},
            "targets": {"click": {"label": "click"}},
            "model": {
                "kind": [kind],
                "ridges": [3.0],
                "n_members": 2,
                "fusion": {"n_members": 2, "learning_rate": 1e-2, "batch_rows": 128, "dropout": 0.0},
            },
        }
    )


@pytest.mark.parametrize("kind", ["logistic", "gbdt", "fusion"])
def test_a_bright_picture_moves_every_model_and_a_broken_one_stops_none(kind):
    predictor = Predictor.fit(drawn(1500, 0), image_recipe(kind))
    fresh = pl.DataFrame({"photo": [KINDS[1, 1], KINDS[0, 0], b"broken", None]})
    p = predictor.score(fresh).click.mean
    assert p[0] > 1.5 * p[1]
    assert np.isfinite(p).all()


def test_the_network_sees_where_in_the_picture_it_is_bright():
    predictor = Predictor.fit(drawn(3000, 0), image_recipe("fusion"))
    left, right = predictor.score(pl.DataFrame({"photo": [KINDS[1, 0], KINDS[0, 1]]})).click.mean
    assert left > 1.5 * right


def test_a_row_without_its_picture_is_less_certain():
    frame, _ = draw_table(5, n_groups=120)
    frame = frame.with_columns(photo=pl.lit(KINDS[1, 0]))
    wanted = PredictRecipe.of(
        click_recipe(columns={"image": ["photo"]}, model={"kind": ["logistic"], "ridges": [30.0]})
    )
    predictor = Predictor.fit(frame, wanted)
    rows = frame[:50]
    whole, broken = (predictor.score(f).click.k for f in (rows, rows.with_columns(photo=pl.lit(b"broken"))))
    assert (broken < whole).all()
