"""HOME/office.log: one line a request and a job, with places in the code where something broke; no text of a document, no file name, no address with either."""

from __future__ import annotations

import logging
import time
import traceback

_LOG = logging.getLogger("luoshi.web")


class Plain(logging.Formatter):
    """Time, level, what. Of an exception its kind and where it came through, not its words: those may quote a document."""

    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("django."):  # their messages hold addresses
            record = logging.makeLogRecord(record.__dict__ | {"msg": record.name, "args": ()})
        return super().format(record)

    def formatException(self, failure) -> str:
        kind, _, places = failure
        return "\n".join([kind.__name__, *(f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(places))])


def requests(get_response):
    """A line a request: method, the address's name, answer, milliseconds, the user's number."""

    def respond(request):
        began = time.monotonic()
        response = get_response(request)
        match = request.resolver_match
        if match is not None:
            user = getattr(request, "user", None)
            _LOG.info("%s %s %s %d ms user %s", request.method, match.url_name, response.status_code, (time.monotonic() - began) * 1000, getattr(user, "pk", None) or "-")
        return response

    return respond
