"""Every bound of the ingest stage, each with its reason. A file beyond one of them is refused, never read in part without a word."""

# The longest real plan seen is 0.2 MB of text; scans of a hundred pages reach 50 MB. Beyond this the file is no plan, and memory is at stake.
FILE_BYTES = 100 * 1024 * 1024

# Plain text holds nothing but characters: 6 MB is two million of them, three thick books. A long plan saved out of Word as a web page has 1 MB without its pictures.
TEXT_BYTES = 6 * 1024 * 1024
HTML_BYTES = 3 * 1024 * 1024

# The longest paragraph seen has 1,900 characters. Lines are not joined to more than this, and brackets not counted in it: both would take for ever.
PARAGRAPH_CHARACTERS = 10_000
# A line broken after a comma or inside brackets goes on for one to five lines (cc lists); more are no longer one paragraph.
JOINED_LINES = 30

# A province's five-year plan has about 150 pages.
PDF_PAGES = 1500

# Word packs XML at 5 to 30 to one; blanks reach 1,000. Only members that are read as text are counted.
ZIP_MEMBER_BYTES = 64 * 1024 * 1024
ZIP_RATIO = 200
ZIP_RATIO_FROM_BYTES = 4 * 1024 * 1024  # small members may pack as well as they like
ZIP_MEMBERS = 10_000

# Tables in tables in tables are how parsers run out of stack; offices nest two deep.
NESTING = 40

# One page of a PDF holds 600 to 3,000 characters; drawings exported as text reach 50,000.
PAGE_CHARACTERS = 200_000

# A plan of a town hangs on the wall at 1.2 m; a page of five metres is none. (An OFD page of 1e308 mm has places that are no numbers.)
PAGE_MILLIMETRES = 5000

# LibreOffice needs 2 to 10 s a document, 15 s at its first start. A file that takes longer hangs it.
OFFICE_SECONDS = 60
# Each further file of the same start needs 0.1 to 1 s.
OFFICE_SECONDS_MORE = 5
# So many files a start: what it made of them waits in memory.
OFFICE_FILES = 200
# Address space of LibreOffice; what it uses of it is a tenth.
OFFICE_MEMORY = 6 * 1024 * 1024 * 1024

# A phone takes 12 to 50 million pixels, A3 at 600 dpi has 70 million. Decoded they are three bytes each.
IMAGE_PIXELS = 80_000_000
# Pages of a TIFF from a scanner with a feeder.
IMAGE_FRAMES = 300
# Pictures are recognised at 200 dpi: A4 has 2,340 pixels, A3 3,300 on its longer side. More makes no character clearer.
PICTURE_DPI = 200
PICTURE_SIDE = 3400

# The longest task table seen has 400 rows of 8 cells; a list of all documents of a province 1,400 of 7. `SHEET_GRID` counts empty cells between full ones too.
SHEET_CELLS = 100_000
SHEET_GRID = 400_000

# A city has 5 to 20 towns, a province 150 counties; zips of zips come from offices that collect from offices. Unpacked plans wait in a temporary folder.
PARCEL_MEMBERS = 300
PARCEL_BYTES = 500 * 1024 * 1024
PARCEL_NESTING = 2

# One file in its child process. A file of 100 MB with its parsed tree takes 0.9 GB; a plan of 30 pages 1 s. What stands still without using the processor
# is stopped by the clock, which must leave LibreOffice its time.
READ_MEMORY = 1536 * 1024 * 1024
READ_CPU_SECONDS = 18
READ_SECONDS = 30 + OFFICE_SECONDS
# While characters are recognised: 2 to 4 s a page, eight times that where it lies on its side under a seal; models and threads reserve far more memory than
# they use. A page has its own time, so that a file of 300 pages may take a quarter of an hour. Many processors at once use many seconds of processor time, and
# on a busy machine a page waits long for its turn: the clock is for what stands still.
OCR_PAGE_CPU_SECONDS = 240
OCR_PAGE_SECONDS = 600
OCR_MEMORY = 6 * 1024 * 1024 * 1024
