"""A page of a PDF as a picture with sentences marked in it: what a person compares with the paper.

`python -m pipeline.ingest.picture PDF PAGE OUT` reads the sentences from standard input (JSON, a list) and writes a PNG. A process of its own, since the
bytes are foreign: who starts it bounds its time, it bounds its memory. Exit code 3 where the page cannot be drawn.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline import store
from pipeline.text import fold

_SCALE = 1.6  # pixels a point: a page of A4 is 950 pixels wide
_MEMORY = 2 * 1024**3
_INK = (255, 200, 0, 90)

Box = tuple[float, float, float, float]  # left, bottom, right, top, in points from the page's lower left corner


def found(characters: Sequence[tuple[str, Box]], sentences: Sequence[str]) -> list[Box]:
    """The boxes of the characters that the sentences are made of; white space and width do not count. A sentence that runs over a page's end is marked up to it."""
    printed = [(fold(char), box) for char, box in characters if not char.isspace()]
    text = "".join(char for char, _ in printed)
    boxes = []
    for sentence in sentences:
        wanted = "".join(fold(sentence).split())
        at = text.find(wanted)
        length = len(wanted)
        while at < 0 and length > 8:  # the rest stands on the next page
            length -= 1
            at = len(text) - length if text.endswith(wanted[:length]) else -1
        if wanted and at >= 0:
            boxes += [box for _, box in printed[at : at + length]]
    return boxes


def draw(pdf: Path, page: int, sentences: Sequence[str]):
    """The picture (PIL) of a page, counted from 1. Raises almost anything for bytes that are no PDF, IndexError for a page that is not there."""
    import pypdfium2
    from PIL import Image, ImageDraw

    document = pypdfium2.PdfDocument(pdf)
    if not 0 < page <= len(document):
        raise IndexError(page)
    sheet = document[page - 1]
    text = sheet.get_textpage()
    whole = text.get_text_range()
    characters = [(char, text.get_charbox(number)) for number, char in enumerate(whole[: text.count_chars()])]
    picture = sheet.render(scale=_SCALE).to_pil().convert("RGBA")
    ink = Image.new("RGBA", picture.size)
    pen = ImageDraw.Draw(ink)
    for left, bottom, right, top in found(characters, sentences):
        pen.rectangle([left * _SCALE, picture.height - top * _SCALE - 2, right * _SCALE, picture.height - bottom * _SCALE + 2], fill=_INK)
    return Image.alpha_composite(picture, ink).convert("RGB")


def main(pdf: str, page: str, out: str) -> int:
    import io

    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    except ImportError:
        pass
    content = io.BytesIO()
    try:
        draw(Path(pdf), int(page), json.loads(sys.stdin.read())).save(content, "PNG")
    except Exception as error:  # foreign bytes raise anything
        print(type(error).__name__, file=sys.stderr)
        return 3
    store.write_aside(Path(out), content.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
