"""What practice drawings are made of: colours, skylines, trees, rain, letters."""

import math
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from app.text import search_key

Colour = tuple[int, int, int]
Points = list[tuple[float, float]]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

WIDTH, HEIGHT = 1280, 960
FONTS: Final = Path(__file__).parents[2] / "node_modules/@fontsource/be-vietnam-pro/files"

SOIL: Final[Colour] = (168, 92, 58)
DEEP_SOIL: Final[Colour] = (128, 66, 42)
GRASS: Final[Colour] = (98, 128, 72)
PINE: Final[Colour] = (42, 74, 58)
CONCRETE: Final[Colour] = (158, 158, 150)
MUD: Final[Colour] = (142, 108, 74)
STREAM: Final[Colour] = (92, 124, 118)
NIGHT: Final[Colour] = (64, 78, 86)
DARK: Final[Colour] = (34, 38, 38)
WHITE: Final[Colour] = (240, 240, 234)
RED: Final[Colour] = (196, 44, 36)
YELLOW: Final[Colour] = (244, 196, 48)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the way from `one` to `other`."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def shaded(rng: Random, colour: Colour, by: int = 12) -> Colour:
    """`colour`, a little lighter or darker."""
    step = rng.randint(-by, by)
    red, green, blue = (max(0, min(255, part + step)) for part in colour)
    return red, green, blue


def gradient(top: Colour, bottom: Colour, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A picture that fades downward."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def ridge(rng: Random, left: float, right: float, rough: float, levels: int = 6) -> Points:
    """A skyline from one edge of the picture to the other, by midpoint displacement."""
    heights = [left, right]
    for level in range(levels):
        spread = rough / 2**level
        between = [(a + b) / 2 + rng.uniform(-spread, spread) for a, b in pairwise(heights)]
        heights = [height for pair in zip(heights, between, strict=False) for height in pair] + heights[-1:]
    step = WIDTH / (len(heights) - 1)
    return [(index * step, height) for index, height in enumerate(heights)]


def down_to(points: Points, bottom: float = HEIGHT) -> Points:
    """The area below a skyline."""
    return [*points, (points[-1][0], bottom), (points[0][0], bottom)]


def at(points: Points, x: float) -> float:
    """The height of a skyline over `x`."""
    step = points[1][0] - points[0][0]
    return points[max(0, min(len(points) - 1, round((x - points[0][0]) / step)))][1]


def pine(draw: ImageDraw.ImageDraw, rng: Random, x: float, foot: float, tall: float) -> None:
    """One pine of Đà Lạt."""
    draw.rectangle((x - tall * 0.02, foot - tall * 0.3, x + tall * 0.02, foot), fill=(72, 54, 44))
    for tier in range(4):
        top, half = foot - tall * (1 - tier * 0.2), tall * (0.1 + tier * 0.045)
        draw.polygon(
            [(x, top), (x - half, top + tall * 0.3), (x + half, top + tall * 0.3)], shaded(rng, PINE, 9)
        )


def rubbish(
    draw: ImageDraw.ImageDraw, rng: Random, box: tuple[float, float, float, float], count: int
) -> None:
    """Bags, bottles and branches within `box`."""
    colours = [(226, 226, 220), (70, 120, 170), (190, 60, 54), (94, 76, 58), (210, 190, 90), (60, 62, 60)]
    for _ in range(count):
        x, y, size = rng.uniform(box[0], box[2]), rng.uniform(box[1], box[3]), rng.uniform(12, 46)
        corners = [
            (
                x + size * math.cos(turn) * rng.uniform(0.5, 1),
                y + size * 0.6 * math.sin(turn) * rng.uniform(0.5, 1),
            )
            for turn in (index * math.tau / 7 for index in range(7))
        ]
        draw.polygon(corners, fill=shaded(rng, rng.choice(colours)))


def rain(picture: Image.Image, rng: Random, drops: int) -> Image.Image:
    """Streaks of rain over the picture."""
    veil = picture.copy()
    draw = ImageDraw.Draw(veil)
    for _ in range(drops):
        x, y, length = rng.uniform(0, WIDTH), rng.uniform(-40, HEIGHT), rng.uniform(18, 52)
        draw.line((x, y, x - length * 0.18, y + length), fill=(214, 222, 224), width=2)
    return Image.blend(picture, veil, 0.4)


def staff(draw: ImageDraw.ImageDraw, x: float, foot: float, tall: float) -> None:
    """A depth staff of 1 m in fields of 10 cm, its zero at `foot`."""
    field = tall / 10
    for index in range(10):
        top = foot - field * (index + 1)
        draw.rectangle((x - 17, top, x + 17, top + field), fill=DARK if index % 2 else WHITE, outline=DARK)
        if index in (2, 4, 6, 8):
            write(draw, (x + 24, top), f"{(index + 1) * 10}", 26, WHITE)


@cache
def font(subset: str, size: int) -> Font:
    """One of our two subsets, or Pillow's own font where no front-end packages are installed."""
    path = FONTS / f"be-vietnam-pro-{subset}-700-normal.woff2"
    return ImageFont.truetype(path, size) if path.is_file() else ImageFont.load_default(size)


def letters(text: str, size: int) -> Iterator[tuple[float, str, Font]]:
    """Each letter with its offset and its font, and "" at the end; without our fonts, letters lose their marks."""
    if not FONTS.is_dir():
        text = search_key(text).upper()
    x = 0.0
    for char in text:
        letter = font("latin" if char <= "ÿ" else "vietnamese", size)
        yield x, char, letter
        x += letter.getlength(char)
    yield x, "", font("latin", size)


def write(draw: ImageDraw.ImageDraw, where: tuple[float, float], text: str, size: int, fill: Colour) -> None:
    """Draw one line with its left top at `where`."""
    for x, char, letter in letters(text, size):
        draw.text((where[0] + x, where[1]), char, fill, letter)
