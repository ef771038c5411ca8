"""Where quotes stand on paper: every line of a PDF, an OFD or a scan is found on its page, however the page lies."""

import io
from pathlib import Path

import pypdfium2
import pytest

from pipeline.ingest import ocr, pages, read_bytes
from pipeline.ingest.blocks import Block, Reading, Spot, assemble
from pipeline.ingest.glyphs import PageContent
from pipeline.model import PolicyDocument, Source

DEMO = Path(__file__).parents[1] / "corpora" / "demo" / "qinghuang.pdf"
TURNED = {0: lambda x, y: (x, y), 90: lambda x, y: (1 - y, x), 180: lambda x, y: (1 - x, 1 - y), 270: lambda x, y: (y, 1 - x)}


def turned(rotation: int) -> bytes:
    pdf = pypdfium2.PdfDocument(DEMO)
    for page in pdf:
        page.set_rotation(rotation)
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_box_of_a_line_holds_the_words_of_the_line():
    document, pdf = read_bytes(DEMO.read_bytes(), "清潢.pdf"), pypdfium2.PdfDocument(DEMO)
    words = [page.get_textpage() for page in pdf]
    places = [place for paragraph in document.paragraphs for place in paragraph.places]
    assert len(places) > 100 and {place.page for place in places} == set(range(1, len(pdf) + 1))
    for place in places:
        width, height = pdf[place.page - 1].get_size()
        left, top, right, bottom = place.box
        inside = words[place.page - 1].get_text_bounded(left * width - 1, height - bottom * height - 3, right * width + 1, height - top * height + 3)
        assert squeezed(document.text[place.start:place.end]) in squeezed(inside)


def test_the_places_of_a_paragraph_are_its_text_from_beginning_to_end():
    document = read_bytes(DEMO.read_bytes(), "清潢.pdf")
    over_pages = 0
    for paragraph in document.paragraphs:
        assert [place.start for place in paragraph.places] == sorted(place.start for place in paragraph.places)
        assert "".join(document.text[place.start:place.end] for place in paragraph.places).replace(" ", "") == document.text[paragraph.start:paragraph.end].replace(" ", "")
        over_pages += paragraph.places[0].page != paragraph.places[-1].page
        assert document.page_of(paragraph.start) == paragraph.page and document.page_of(paragraph.end - 1) == paragraph.places[-1].page
    assert over_pages, "the demo has a paragraph that goes on on the next page"


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_page_has_its_boxes_where_a_viewer_shows_them(rotation):
    straight, document = read_bytes(DEMO.read_bytes(), "a.pdf"), read_bytes(turned(rotation), "b.pdf")
    assert document.text == straight.text
    pairs = list(zip((place for part in straight.paragraphs for place in part.places), (place for part in document.paragraphs for place in part.places), strict=True))
    assert len(pairs) > 100
    for before, after in pairs:
        (x0, y0), (x1, y1) = TURNED[rotation](*before.box[:2]), TURNED[rotation](*before.box[2:])
        assert after.box == pytest.approx((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), abs=0.002)


def scanned(line: ocr.OcrLine, turn: int = 0) -> PolicyDocument:
    reading = pages.lay_out(Reading("image"), [ocr.fill(PageContent(1, 0, 0), ocr.OcrPage((line,), 1000, 2000, turn), 0.5)])
    return assemble(reading, Source("a.png", "0" * 64, "image"))


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_recognised_line_has_its_box_on_the_picture_as_it_was_given_and_its_confidence(turn):
    line = ocr.OcrLine("各村每年举办科普讲座", 0.91, ((100, 200), (500, 200), (500, 240), (100, 240)))
    (place,) = scanned(line, turn).paragraphs[0].places
    back = {0: lambda x, y: (x, y), 90: lambda x, y: (1 - y, x), 180: lambda x, y: (1 - x, 1 - y), 270: lambda x, y: (y, 1 - x)}[turn]
    (x0, y0), (x1, y1) = back(0.1, 0.1), back(0.5, 0.12)
    assert place.box == pytest.approx((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), abs=0.01) and place.confidence == 0.91


def test_on_a_slanted_scan_the_box_is_where_the_line_is():
    fall = 0.03
    line = ocr.OcrLine("各村每年举办科普讲座", 0.99, ((600, 200), (1000, 200 + 400 * fall), (1000, 240 + 400 * fall), (600, 240)))
    (place,) = scanned(line).paragraphs[0].places
    assert place.box[1] == pytest.approx(200 / 2000, abs=0.01) and place.box[3] == pytest.approx((240 + 400 * fall) / 2000, abs=0.01)


def test_a_quote_finds_all_its_lines_and_none_beside():
    spots = [Spot("各村每年举办", 1, (0.1, 0.9, 0.9, 0.95)), Spot("科普讲座。", 2, (0.1, 0.1, 0.5, 0.15))]
    document = assemble(Reading("pdf", [Block("前言。", 1), Block("各村每年举办科普讲座。", 1, spots=spots), Block(cells=("一", "修路"), page=2, kind="row")]), Source("a", "0", "pdf"))
    start = document.text.index("举办")
    assert [(document.text[place.start:place.end], place.page) for place in document.places_of(start, start + 4)] == [("各村每年举办", 1), ("科普讲座。", 2)]
    assert [place.page for place in document.places_of(start + 2, start + 4)] == [2]
    assert document.places_of(0, 3) == () and document.places_of(10_000, 10_001) == ()
