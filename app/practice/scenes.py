"""The six subjects of practice drawings; `bad` runs from 0 (all quiet) to 1."""

import math
from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import Final, Literal

from PIL import Image, ImageDraw

from app.practice.pens import (
    CONCRETE,
    DARK,
    DEEP_SOIL,
    GRASS,
    HEIGHT,
    MUD,
    NIGHT,
    PINE,
    RED,
    SOIL,
    STREAM,
    WHITE,
    WIDTH,
    YELLOW,
    at,
    down_to,
    gradient,
    mixed,
    pine,
    rain,
    ridge,
    rubbish,
    shaded,
    staff,
    write,
)

Scene = Literal["slope", "crack", "flood", "culvert", "stream", "signboard"]


def background(rng: Random, *, wet: bool) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Sky and two ranges of hills with pines."""
    sky = ((138, 152, 160), (196, 204, 204)) if wet else ((128, 172, 204), (214, 228, 228))
    picture = gradient(*sky)
    draw = ImageDraw.Draw(picture)
    far = ridge(rng, rng.uniform(300, 380), rng.uniform(260, 360), 70)
    draw.polygon(down_to(far), fill=mixed(PINE, sky[1], 0.6))
    near = ridge(rng, rng.uniform(380, 440), rng.uniform(360, 430), 50)
    draw.polygon(down_to(near), fill=mixed(GRASS, sky[1], 0.25))
    for _ in range(34):
        x = rng.uniform(0, WIDTH)
        pine(draw, rng, x, at(near, x) + rng.uniform(4, 40), rng.uniform(70, 150))
    return picture, draw


def slope(rng: Random, bad: float) -> Image.Image:
    """A cut slope above a road under its tarpaulin; the worse, the more tears and debris."""
    picture, draw = background(rng, wet=bad > 0)
    crest = ridge(rng, rng.uniform(300, 360), rng.uniform(240, 320), 60)
    draw.polygon(down_to(crest), fill=SOIL)
    draw.line(crest, fill=GRASS, width=22)
    for _ in range(130):
        x = rng.uniform(0, WIDTH)
        y = rng.uniform(at(crest, x) + 30, 760)
        draw.line((x, y, x + rng.uniform(-16, 16), y + rng.uniform(20, 80)), shaded(rng, DEEP_SOIL), 5)
    left, right = rng.uniform(250, 330), rng.uniform(880, 980)
    foot = 745.0
    top = [(x, at(crest, x) + 36 + rng.uniform(-8, 8)) for x in (left, (left + right) / 2, right)]
    cover = rng.choice([(58, 104, 160), (72, 130, 110), (66, 96, 140)])
    draw.polygon([*top, (right + 50, foot), (left - 60, foot)], fill=cover)
    for share in (index / 9 for index in range(1, 9)):
        start = (left + (right - left) * share, top[1][1] + 6)
        end = (left - 60 + (right - left + 110) * share, foot)
        draw.line((*start, *end), fill=shaded(rng, cover, 26), width=4)
    for _ in range(round(bad * 4)):
        x, y = rng.uniform(left + 60, right - 120), rng.uniform(top[1][1] + 90, foot - 160)
        draw.polygon([(x, y), (x + 70, y + 16), (x + 96, y + 130), (x + 30, y + 84)], fill=DEEP_SOIL)
    draw.polygon([(0, 760), (WIDTH, 736), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(112, 112, 110))
    draw.line((0, 880, WIDTH, 860), fill=(206, 204, 190), width=7)
    for x in range(round(left) - 50, round(right) + 50, 52):
        draw.rounded_rectangle((x, 728 + rng.uniform(-4, 4), x + 50, 758), 12, shaded(rng, (206, 196, 170)))
    for _ in range(round(bad * 60)):
        x, y, size = rng.gauss(640, 210), rng.uniform(752, 850), rng.uniform(8, 34)
        draw.ellipse((x, y, x + size * 1.4, y + size), fill=shaded(rng, DEEP_SOIL, 22))
    return rain(picture, rng, 220) if bad > 0 else picture


def crack(rng: Random, bad: float) -> Image.Image:
    """A crack between the two pins of a gauge, a steel rule laid beside it."""
    picture = gradient(shaded(rng, CONCRETE), mixed(CONCRETE, SOIL, 0.35))
    draw = ImageDraw.Draw(picture)
    for _ in range(900):
        x, y, size = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(2, 7)
        draw.ellipse((x, y, x + size, y + size * 0.8), fill=shaded(rng, (142, 132, 118), 22))
    middle = ridge(rng, 640, 600, 90, levels=7)
    wide = 5 + 34 * bad
    line = [(height, x * HEIGHT / WIDTH) for x, height in middle]
    left = [(x - rng.uniform(0.4, 1) * wide, y) for x, y in line]
    right = [(x + rng.uniform(0.4, 1) * wide, y) for x, y in reversed(line)]
    draw.polygon(left + right, fill=DARK)
    half = 210 + 20 * bad
    for x in (640 - half, 640 + half):
        draw.ellipse((x - 26, 330, x + 26, 382), fill=RED)
        draw.ellipse((x - 9, 347, x + 9, 365), fill=(206, 208, 210), outline=DARK)
    write(draw, (640 - half - 20, 268), "V1", 44, RED)
    draw.rectangle((250, 430, 1050, 530), fill=(214, 218, 220), outline=(120, 124, 126), width=3)
    for index in range(101):
        x = 270 + index * 7.6
        tall = 44 if index % 10 == 0 else 30 if index % 5 == 0 else 18
        draw.line((x, 432, x, 432 + tall), fill=DARK, width=2)
        if index % 20 == 0:
            write(draw, (x - 12, 480), f"{index // 2}", 28, DARK)
    for _ in range(24):
        x, y = rng.uniform(40, WIDTH - 40), rng.uniform(760, HEIGHT)
        draw.line((x, y, x + rng.uniform(-20, 20), y - rng.uniform(24, 70)), fill=shaded(rng, GRASS), width=5)
    return picture


def flood(rng: Random, bad: float) -> Image.Image:
    """A street corner with houses and a depth staff; `bad` 1 is 60 cm of water, 0 is dry."""
    wet = bad > 0
    picture = gradient(*((NIGHT, (112, 122, 124)) if wet else ((150, 190, 212), (214, 226, 226))))
    draw = ImageDraw.Draw(picture)
    for left in range(-40, WIDTH, 250):
        x = float(left)
        top, wide = rng.uniform(270, 360), rng.uniform(190, 230)
        wall = mixed(shaded(rng, (150, 148, 138), 22), NIGHT, 0.5 if wet else 0)
        draw.rectangle((x, top, x + wide, 640), fill=wall)
        draw.polygon(
            [(x - 16, top), (x + wide / 2, top - 70), (x + wide + 16, top)], fill=shaded(rng, (120, 62, 50))
        )
        for dx in (wide * 0.16, wide * 0.58):
            light = YELLOW if wet and rng.random() < 0.6 else (96, 112, 122)
            draw.rectangle(
                (x + dx, top + 50, x + dx + wide * 0.24, top + 120), fill=light, outline=DARK, width=3
            )
    draw.polygon([(0, 620), (WIDTH, 620), (WIDTH, HEIGHT), (0, HEIGHT)], fill=(116, 118, 118))
    draw.polygon([(600, 620), (640, 620), (760, HEIGHT), (560, HEIGHT)], fill=(188, 188, 178))
    for x in range(90, 250, 30):
        draw.line((x, 830, x, 900), fill=DARK, width=12)
    staff(draw, 930, 800, 420)
    if wet:
        level = 800 - 420 * 0.6 * bad
        water = gradient(mixed(MUD, NIGHT, 0.2), MUD, (WIDTH, HEIGHT))
        mask = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(mask).polygon(
            down_to([(x, level + rng.uniform(-3, 3)) for x in range(0, WIDTH + 40, 40)]), 236
        )
        picture.paste(water, mask=mask)
        draw = ImageDraw.Draw(picture)
        for _ in range(90):
            x, y = rng.uniform(0, WIDTH), rng.uniform(level + 14, HEIGHT)
            draw.arc((x, y, x + rng.uniform(60, 190), y + 16), 190, 350, shaded(rng, (186, 158, 120)), 3)
        rubbish(draw, rng, (80, level + 30, 760, HEIGHT - 60), round(10 * bad))
    return rain(picture, rng, 420) if wet else picture


def culvert(rng: Random, bad: float) -> Image.Image:
    """The mouth of a culvert, free or stuffed with rubbish."""
    picture = gradient(mixed(GRASS, DARK, 0.15), mixed(GRASS, DARK, 0.35))
    draw = ImageDraw.Draw(picture)
    for _ in range(700):
        x, y = rng.uniform(0, WIDTH), rng.uniform(0, 430)
        draw.line(
            (x, y, x + rng.uniform(-14, 14), y - rng.uniform(20, 60)), fill=shaded(rng, GRASS, 26), width=4
        )
    draw.rectangle((150, 210, 1130, 760), fill=CONCRETE)
    for y in range(290, 760, 96):
        draw.line((150, y, 1130, y), fill=mixed(CONCRETE, DARK, 0.3), width=4)
    draw.rectangle((110, 180, 1170, 240), fill=mixed(CONCRETE, WHITE, 0.25))
    draw.ellipse((370, 320, 910, 1000), fill=mixed(CONCRETE, DARK, 0.45))
    draw.ellipse((400, 350, 880, 970), fill=DARK)
    draw.polygon(
        down_to([(x, 740 + 14 * math.sin(x / 90)) for x in range(0, WIDTH + 40, 40)]),
        fill=mixed(STREAM, MUD, bad),
    )
    for _ in range(50):
        x, y = rng.uniform(0, WIDTH), rng.uniform(770, HEIGHT)
        draw.line((x, y, x + rng.uniform(40, 160), y), fill=shaded(rng, mixed(STREAM, WHITE, 0.3)), width=3)
    rubbish(draw, rng, (400, 640 - 160 * bad, 880, 800), 4 + round(60 * bad))
    return picture


def stream(rng: Random, bad: float) -> Image.Image:
    """A stream between grassy banks with a barrier; the worse, the higher and browner."""
    picture, draw = background(rng, wet=bad > 0)
    draw.polygon(down_to(ridge(rng, 470, 450, 30)), fill=GRASS)
    for _ in range(600):
        x, y = rng.uniform(0, WIDTH), rng.uniform(480, HEIGHT)
        draw.line(
            (x, y, x + rng.uniform(-8, 8), y - rng.uniform(10, 34)), fill=shaded(rng, GRASS, 26), width=4
        )
    half, water = 150 + 120 * bad, mixed(STREAM, MUD, bad)
    bed = [(620 + 40 * math.sin(y / 120), y) for y in range(470, HEIGHT + 20, 20)]
    edges = [(x - half * (y - 420) / 340, y) for x, y in bed]
    other = [(x + half * (y - 420) / 340, y) for x, y in reversed(bed)]
    draw.polygon([(x - 24, y) for x, y in edges] + [(x + 24, y) for x, y in other], fill=DEEP_SOIL)
    draw.polygon(edges + other, fill=water)
    for _ in range(70):
        y = rng.uniform(500, HEIGHT)
        x = 620 + rng.uniform(-0.9, 0.9) * half * (y - 420) / 340
        draw.arc((x, y, x + rng.uniform(30, 110), y + 14), 190, 350, fill=mixed(water, WHITE, 0.5), width=3)
    for _ in range(round(26 * (1 - bad))):
        y = rng.uniform(560, HEIGHT)
        x, size = (
            620 + rng.choice((-1, 1)) * half * (y - 420) / 340 * rng.uniform(0.7, 1.1),
            rng.uniform(20, 60),
        )
        draw.ellipse((x, y, x + size, y + size * 0.6), fill=shaded(rng, (128, 128, 122), 20))
    for x in range(900, WIDTH + 60, 90):
        draw.rectangle((x, 640, x + 16, 800), fill=WHITE)
        draw.rectangle((x, 672, x + 16, 706), fill=RED)
    draw.line((890, 668, WIDTH, 668), fill=WHITE, width=10)
    return rain(picture, rng, 200) if bad > 0 else picture


def signboard(rng: Random, bad: float) -> Image.Image:
    """A warning board on its post; the worse, the more it leans and fades behind the weeds."""
    picture, draw = background(rng, wet=False)
    draw.polygon(down_to(ridge(rng, 640, 620, 40)), fill=SOIL)
    board = Image.new("RGBA", (760, 700), (0, 0, 0, 0))
    pen = ImageDraw.Draw(board)
    face, ink = mixed(YELLOW, WHITE, 0.6 * bad), mixed(DARK, WHITE, 0.5 * bad)
    pen.rectangle((366, 380, 396, 700), fill=(122, 124, 124))
    pen.rounded_rectangle((60, 40, 700, 400), 22, fill=face, outline=ink, width=12)
    pen.polygon([(170, 110), (270, 290), (70 + 8, 290)], outline=mixed(RED, WHITE, 0.5 * bad), width=18)
    pen.rectangle((164, 170, 182, 236), fill=ink)
    pen.ellipse((163, 248, 183, 268), fill=ink)
    write(pen, (300, 96), "NGUY HIỂM", 62, ink)
    write(pen, (300, 186), "Không lại gần", 44, ink)
    write(pen, (300, 266), "Gọi 112", 44, ink)
    leaning = Image.new("RGBA", (1160, 900), (0, 0, 0, 0))
    leaning.paste(board, (200, 200))
    leaning = leaning.rotate(rng.uniform(-2, 2) - 13 * bad, Image.Resampling.BICUBIC, center=(580, 890))
    picture.paste(leaning, (60, -40), leaning)
    draw = ImageDraw.Draw(picture)
    for _ in range(round(160 + 500 * bad)):
        x, y = rng.gauss(640, 260), rng.uniform(800, HEIGHT)
        tip = (x + rng.uniform(-24, 24), y - rng.uniform(40, 120 + 200 * bad))
        draw.line((x, y, *tip), fill=shaded(rng, GRASS, 30), width=5)
    return picture


SCENES: Final[Mapping[Scene, Callable[[Random, float], Image.Image]]] = MappingProxyType(
    {
        "slope": slope,
        "crack": crack,
        "flood": flood,
        "culvert": culvert,
        "stream": stream,
        "signboard": signboard,
    }
)
