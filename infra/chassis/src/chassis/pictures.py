"""Pictures that people upload: bounded, judged by their content, and kept only as we encode them ourselves.

What arrives is never stored: it is decoded by a process of its own (`python -m chassis.pictures`: the file comes in,
our pictures go out) with bounded memory and time and none of our secrets, for a few kilobytes can unpack to
gigabytes. Encoded anew it carries no EXIF (where and when it was taken), no colour profile, nothing appended.

Kept are two WebP files: at most LARGE and at most THUMBNAIL pixels on the longer side.
"""

import io
import json
import resource
import subprocess
import sys
import threading
import warnings
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from contracts.envelope import StoredPicture

from chassis.files import JPEG, PNG, UNKNOWN, WEBP, FileStore, PayloadTooLarge, UnsupportedMediaType, start_type
from chassis.refusals import Busy, Refusal

TAKEN: Final = (JPEG, PNG, WEBP)
UPLOAD_MAX_BYTES: Final = 10 * 1024 * 1024
KEPT_MAX_BYTES: Final = 4 * 1024 * 1024
MEGAPIXELS_MAX: Final = 40
SIDE_MAX: Final = 16_000
LARGE: Final = 1600
THUMBNAIL: Final = 480
QUALITY: Final = 82
MEMORY_MAX_BYTES: Final = 1024 * 1024 * 1024
DECODING_MAX_S: Final = 30
AT_ONCE_MAX: Final = 2
"""So many pictures are decoded at once in a process, for each may take all of MEMORY_MAX_BYTES and a core."""
WAIT_MAX_S: Final = 20
ORPHANS_LIVE: Final = timedelta(hours=24)
FOLDER: Final = "pictures"
"""Where in the platform's file store pictures stand, apart from the files that are no pictures."""


_decoding = threading.BoundedSemaphore(AT_ONCE_MAX)


class PictureUnreadable(Refusal):
    """This picture cannot be read; it must be JPEG, PNG or WebP of at most {megapixels_max} million pixels."""


def keep(store: FileStore, stream: BinaryIO) -> StoredPicture:
    """Store the picture that `stream` holds, in two sizes, and return the reference to them.

    Raises PayloadTooLarge, UnsupportedMediaType by its content, PictureUnreadable; Busy while others send too many.
    """
    content = stream.read(UPLOAD_MAX_BYTES + 1)
    if len(content) > UPLOAD_MAX_BYTES:
        raise PayloadTooLarge(max_bytes=UPLOAD_MAX_BYTES)
    media_type = start_type(content[:16]) or UNKNOWN
    if media_type not in TAKEN:
        raise UnsupportedMediaType(media_type=media_type)
    if not _decoding.acquire(timeout=WAIT_MAX_S):
        raise Busy()
    try:
        told, large, thumbnail = _encoded(content)
    finally:
        _decoding.release()
    names = [
        store.put(io.BytesIO(kept), name="picture.webp", media_types=(WEBP,), max_bytes=KEPT_MAX_BYTES).sha256
        for kept in (large, thumbnail)
    ]
    return StoredPicture(
        sha256=names[0],
        thumbnail_sha256=names[1],
        width=told["width"],
        height=told["height"],
        size=len(large),
        media_type=WEBP,
    )


def sweep(store: FileStore, referred: set[str], *, at: datetime) -> int:
    """Remove the files that nothing refers to and that are older than a day; returns how many.

    A picture is stored before the row that refers to it is written, so a young file may still be waiting for its row.
    """
    removed = 0
    for sha256, stored_at in store.listing():
        if sha256 not in referred and at - stored_at > ORPHANS_LIVE:
            store.remove(sha256)
            removed += 1
    return removed


def _encoded(content: bytes) -> tuple[dict[str, int], bytes, bytes]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chassis.pictures"],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            timeout=DECODING_MAX_S,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        raise PictureUnreadable(megapixels_max=MEGAPIXELS_MAX) from None
    head, _, files = done.stdout.partition(b"\n")
    told: dict[str, int] = json.loads(head)
    return told, files[: told["large"]], files[told["large"] :]


def main() -> int:
    """Encode the picture on standard input anew; anything but 0 says that it cannot be read."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (DECODING_MAX_S, DECODING_MAX_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from PIL import Image, ImageOps  # here, for no other process of the platform ever decodes a picture

    Image.MAX_IMAGE_PIXELS = MEGAPIXELS_MAX * 1_000_000
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    opened = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG", "WEBP"))
    if max(opened.size) > SIDE_MAX:
        return 1
    opened.draft("RGB", (LARGE, LARGE))  # a JPEG is decoded at the size that is wanted, not at its own
    upright = ImageOps.exif_transpose(opened)
    picture = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    files = []
    for side in (LARGE, THUMBNAIL):
        picture.thumbnail((side, side), Image.Resampling.LANCZOS)
        if side == LARGE:
            width, height = picture.size
        out = io.BytesIO()
        picture.save(out, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
        files.append(out.getvalue())
    head = {"width": width, "height": height, "large": len(files[0])}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + b"".join(files))
    return 0


if __name__ == "__main__":
    sys.exit(main())
