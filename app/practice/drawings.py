"""Field "photos" drawn by code: plainly drawings, each with a caption saying so. The same seed gives the same picture.

Used by the command line only; the service never imports it.
"""

from datetime import datetime
from io import BytesIO
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.practice.pens import DARK, HEIGHT, WHITE, WIDTH, YELLOW, letters, write
from app.practice.scenes import SCENES, Scene

CAPTION: Final = "ẢNH LUYỆN TẬP, VẼ BẰNG MÃ"


def captioned(picture: Image.Image, rng: Random, line: str) -> Image.Image:
    """The picture with a camera's grain and a caption that says what it is."""
    grain = Image.frombytes("L", (WIDTH // 2, HEIGHT // 2), rng.randbytes(WIDTH * HEIGHT // 4))
    grain = grain.resize((WIDTH, HEIGHT)).point(lambda value: value // 12).convert("RGB")
    picture = ImageChops.subtract(picture.filter(ImageFilter.GaussianBlur(0.8)), grain)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HEIGHT - 52, WIDTH, HEIGHT), fill=DARK)
    write(draw, (20, HEIGHT - 45), CAPTION, 26, YELLOW)
    *_, (width, _, _) = letters(line, 26)
    write(draw, (WIDTH - 20 - width, HEIGHT - 45), line, 26, WHITE)
    return picture


def draw(
    scene: Scene,
    seed: int,
    *,
    bad: float = 0.0,
    line: str = "",
    taken_at: datetime | None = None,
    position: tuple[float, float] | None = None,
) -> bytes:
    """A JPEG of 1280 × 960 px. `bad` from 0 to 1 is how bad the place looks; `line` is written beside the caption.

    `taken_at` (with its zone) and `position` (longitude, latitude) go into EXIF, as a phone writes them.
    """
    rng = Random(f"{scene} {seed}")  # nosec B311 # an invention, the same for the same seed
    picture = captioned(SCENES[scene](rng, max(0.0, min(1.0, bad))), rng, line)
    out = BytesIO()
    picture.save(out, "JPEG", quality=84, exif=_exif(taken_at, position))
    return out.getvalue()


def _exif(taken_at: datetime | None, position: tuple[float, float] | None) -> Image.Exif:
    exif = Image.Exif()
    if taken_at is not None:
        zone = f"{taken_at:%z}"
        exif.get_ifd(0x8769).update({36867: f"{taken_at:%Y:%m:%d %H:%M:%S}", 36881: f"{zone[:3]}:{zone[3:]}"})
    if position is not None:
        lon, lat = position
        exif.get_ifd(0x8825).update({1: "N", 2: _sexagesimal(lat), 3: "E", 4: _sexagesimal(lon)})
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole, minutes = divmod(degrees * 60, 60)
    return whole, float(int(minutes)), round(minutes % 1 * 60, 3)
