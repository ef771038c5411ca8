"""What is kept in the user's cache folder, and files written so that nobody sees half of one.

Kept are the checked rules (`rulebook.load`) and compiled patterns. `re` compiles in Python, and several hundred patterns over ranges of Chinese characters took
a third of a short run; what it made of them, plain numbers, is laid where `re` itself looks first. `_sre.compile` checks the numbers; another Python, or a file
that is not what we wrote, means that patterns are compiled as ever.
"""

from __future__ import annotations

import atexit
import marshal
import os
import re
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

ASIDE = ".aside"  # ends the name of a file that is being written; one that was left behind is rubbish
_MOST = 500  # `re` itself holds 512 patterns, then it drops the oldest


def folder() -> Path:
    root = os.environ.get("LUOSHI_CACHE") or os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(root) / "luoshi"


def write_aside(path: Path, content: bytes) -> None:
    """Write beside, then rename: a reader sees the old file or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}{ASIDE}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def kept(kind: str, key: str, make: Callable[[], T], freeze: Callable[[T], Any], thaw: Callable[[Any], T]) -> T:
    """What `make` gives, from a file if an earlier run left it there.

    Args:
      key: Must say all that it depends on, this Python apart.
      freeze, thaw: To plain values for the file, and back.
    """
    path = folder() / f"{kind}-{key}-{sys.implementation.cache_tag}.marshal"
    try:
        return thaw(marshal.loads(path.read_bytes()))
    except Exception:  # none yet, or damaged: marshal raises almost anything
        made = make()
    try:
        write_aside(path, marshal.dumps(freeze(made)))
        forget(path, f"{kind}-*.marshal")
    except OSError:
        pass  # no cache, no harm
    return made


def forget(newest: Path, pattern: str, most: int = 8) -> None:
    """Delete the oldest files of a pattern beside `newest`, as many as there are too many. Raises OSError."""
    others = sorted((path for path in newest.parent.glob(pattern) if path != newest), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others[most - 1 :]:
        path.unlink(missing_ok=True)


def recall_patterns() -> int:
    """Lay the kept patterns before `re`; at the end of this process those that it had to compile are kept too. Returns how many there were."""
    path = folder() / f"patterns-{sys.implementation.cache_tag}-{sys.hexversion:x}.marshal"
    try:
        kept = marshal.loads(path.read_bytes())
        made = {(type(pattern), pattern, flags): _made(pattern, *numbers) for (pattern, flags), numbers in kept.items()}
        re._cache.update(made)
    except Exception:  # none yet, damaged, or another Python's: marshal and `re` raise almost anything
        kept, made = {}, {}
    atexit.register(_keep_patterns, path, kept)
    return len(made)


def _made(pattern: str | bytes, flags: int, code: bytes, groups: int, names: dict[str, int]) -> re.Pattern:
    import _sre

    places: list[str | None] = [None] * (groups + 1)
    for name, place in names.items():
        places[place] = name
    return _sre.compile(pattern, flags, array("I", code).tolist(), groups, names, tuple(places))


def _numbers(made: re.Pattern) -> tuple[int, bytes, int, dict[str, int]]:
    """What `_made` makes the same pattern of."""
    from re import _compiler, _parser

    code = _compiler._code(_parser.parse(made.pattern, made.flags), made.flags)
    return made.flags, array("I", code).tobytes(), made.groups, dict(made.groupindex)


def _keep_patterns(path: Path, kept: dict) -> None:
    """Write the kept patterns and the new ones; where these grow too many (the rules have changed many times), those of this run alone."""
    try:
        used = {(pattern, flags): made for (_, pattern, flags), made in re._cache.items()}
        new = {key: _numbers(made) for key, made in used.items() if key not in kept}
        if new:
            together = {**kept, **new}
            write_aside(path, marshal.dumps(together if len(together) <= _MOST else {key: together[key] for key in used}))
    except Exception:  # no cache, no harm: the next run compiles again
        pass
