"""From a whole container to two clean JPEGs: the only module that imports Pillow's decoders.

Position and time are read first; then every rendition is made from pixels in a fresh image, which is what
loses EXIF, XMP, IPTC, the colour profile and the JPEG comment.
"""

import re
import warnings
from collections.abc import Sequence
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from PIL import Image

from app.inspections.photo_container import MAX_PIXELS, Refused

LONG_SIDE_PX: Final = 2560
"""Millimetres on a ruler stay readable and A4 prints at 220 dpi; smaller photos keep their size."""
THUMBNAIL_PX: Final = 320
QUALITY: Final = 85
WORST_ERROR_M: Final = 100_000


def degrees(parts: Sequence[float], reference: str, *, negative: str, limit: int) -> float | None:
    """Decimal degrees of an EXIF position; None where the camera wrote nonsense."""
    whole, minutes, seconds = (float(part) for part in parts)
    value = whole + minutes / 60 + seconds / 3600
    if not 0 <= value <= limit:  # false for NaN, which is what 0/0 reads as
        return None
    return -value if str(reference).upper().startswith(negative) else value


def position(gps: dict[int, Any]) -> dict[str, float]:
    """Longitude, latitude and the error in metres, as far as the camera knew them."""
    found: dict[str, float] = {}
    with suppress(KeyError, TypeError, ValueError, ZeroDivisionError):
        lat = degrees(gps[2], gps[1], negative="S", limit=90)
        lon = degrees(gps[4], gps[3], negative="W", limit=180)
        if lat is not None and lon is not None and (lat, lon) != (0, 0):
            found = {"lon": round(lon, 7), "lat": round(lat, 7)}
            error = float(gps.get(31, -1))
            if 0 < error < WORST_ERROR_M:
                found["accuracy_m"] = round(error, 1)
    return found


def taken_at(exif: dict[int, Any]) -> dict[str, str]:
    """When the shutter opened, by the camera's clock: ISO 8601, with the zone where the camera wrote one."""
    local = re.fullmatch(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)", str(exif.get(36867, "")).strip("\0 "))
    zone = re.fullmatch(r"[+-]\d\d:\d\d", str(exif.get(36881, "")).strip("\0 "))
    if local is None:
        return {}
    year, month, day, time = local.groups()
    return {"taken_at": f"{year}-{month}-{day}T{time}{zone.group() if zone else ''}"}


def known_of(image: Image.Image) -> tuple[dict[str, Any], int]:
    """Position and time, and the orientation; broken metadata is no metadata, never a refusal."""
    known: dict[str, Any] = {}
    orientation = 1
    with suppress(Exception):  # whatever Pillow's EXIF reader throws at hostile tags
        exif = image.getexif()
        orientation = int(exif.get(0x0112, 1))
        known |= position(exif.get_ifd(0x8825))
        known |= taken_at(exif.get_ifd(0x8769))
    return known, orientation


def shrunk(image: Image.Image, orientation: int) -> Image.Image:
    """The pixels in at most `LONG_SIDE_PX`, upright, with their transparency on white, in sRGB."""
    shrink = max(*image.size, LONG_SIDE_PX) / LONG_SIDE_PX
    if shrink > 1:
        image.draft(None, (int(image.width / shrink), int(image.height / shrink)))
    image.load()
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA", "P", "CMYK") else None
    if image.mode.startswith("I;16") or image.mode == "I":
        image = image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        image = image if image.mode == "RGBA" else image.convert("RGBA")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("RGB")
    image.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX), Image.Resampling.LANCZOS, reducing_gap=2)
    if image.mode == "RGBA":
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    image = in_srgb(image, profile)
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    return image if turn is None else image.transpose(turn)


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The same colours without a profile; a profile that cannot be read is dropped."""
    if profile and b"sRGB" not in profile:
        from PIL import ImageCms

        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            srgb = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, BytesIO(profile), srgb, outputMode="RGB")
            if turned is not None:
                return turned
    return image.convert("RGB")


def as_jpeg(image: Image.Image) -> bytes:
    """The pixels and nothing else."""
    fresh = Image.new("RGB", image.size)
    fresh.paste(image)
    out = BytesIO()
    fresh.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def renditions(data: bytes, kind: str) -> tuple[dict[str, Any], bytes, bytes]:
    """What is known of the photo, the photo, the thumbnail. `kind` is Pillow's name of the format.

    Raises `Refused`.
    """
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        image: Image.Image = Image.open(BytesIO(data), formats=[kind])
        known, orientation = known_of(image)
        image = shrunk(image, orientation)
        photo = as_jpeg(image)
        known |= {"width": image.width, "height": image.height}
        image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
        thumbnail = as_jpeg(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("photo-too-many-pixels") from error
    except MemoryError as error:
        raise Refused("photo-too-heavy") from error
    except Exception as error:
        raise Refused("photo-damaged") from error
    return known | {"sizes": [len(photo), len(thumbnail)]}, photo, thumbnail
