"""A page of a PDF, a scan or a picture as an image with places marked in it: what a person compares with the paper.

`python -m pipeline.ingest.picture FILE PAGE OUT` reads the places from standard input (JSON, a list of [left, top, right, bottom] as shares of the page, see
`model.Place`) and writes a PNG. A process of its own, since the bytes are foreign: who starts it bounds its time, it bounds its memory. Exit code 3 where the
page cannot be drawn.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import store

_WIDTH = 950  # pixels: what a column of the page shows sharp; a page of A4 at 1.6 pixels a point
_MEMORY = 2 * 1024**3
_INK = (255, 200, 0, 90)
_EDGE = (176, 112, 0, 255)  # an edge around it: a mark must be seen on grey scans too
_AROUND = 2  # pixels around a line


def draw(file: Path, page: int, boxes: Sequence[Sequence[float]]):
    """The picture (PIL) of a page, counted from 1. Raises almost anything for bytes that are neither PDF nor picture, IndexError for a page that is not there."""
    from PIL import Image, ImageDraw

    with file.open("rb") as stream:
        picture = (_sheet if b"%PDF-" in stream.read(1024) else _photo)(file, page)
    ink = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(ink)
    for left, top, right, bottom in boxes:
        corners = [left * picture.width - _AROUND, top * picture.height - _AROUND, right * picture.width + _AROUND, bottom * picture.height + _AROUND]
        pen.rectangle(corners, fill=_INK, outline=_EDGE)
    return Image.alpha_composite(picture.convert("RGBA"), ink).convert("RGB")


def _sheet(file: Path, page: int):
    import pypdfium2

    document = pypdfium2.PdfDocument(file)
    if not 0 < page <= len(document):
        raise IndexError(page)
    sheet = document[page - 1]
    return sheet.render(scale=_WIDTH / sheet.get_width()).to_pil()


def _photo(file: Path, page: int):
    """A frame of a picture as a viewer shows it, as `ocr` reads it."""
    from PIL import Image, ImageOps

    with Image.open(file) as image:
        if not 0 < page <= getattr(image, "n_frames", 1):
            raise IndexError(page)
        image.seek(page - 1)
        image.draft("RGB", (_WIDTH * 2, _WIDTH * 4))  # a JPEG of a phone is read at half its size or less
        seen = ImageOps.exif_transpose(image).convert("RGB")
    seen.thumbnail((_WIDTH, _WIDTH * 4))
    return seen


def main(file: str, page: str, out: str) -> int:
    import io

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except ImportError:
        pass
    content = io.BytesIO()
    try:
        draw(Path(file), int(page), json.loads(sys.stdin.read())).save(content, "PNG")
    except Exception as error:  # foreign bytes raise anything
        print(type(error).__name__, file=sys.stderr)
        return 3
    store.write_aside(Path(out), content.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
