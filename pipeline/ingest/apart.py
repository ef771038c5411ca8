"""Readers of foreign bytes run in one long-lived child process: what crashes it, hangs it or eats its memory costs that file alone.

The parent sends (kind, module, bytes, name, conversion, bounds, folder of rules) and gets a `PolicyDocument` or the words of a refusal, each a pickle behind its
length in eight bytes; while characters of pictures are recognised, a word for each page, which gives the next page its own time.
From the child only values of `model` are taken: a reader that was taken over cannot reach further through the pipe.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO

from pipeline import store
from pipeline.errors import UnreadableFile
from pipeline.ingest import limits
from pipeline.model import PolicyDocument
from pipeline.rulebook.load import rules_folder, use_rules

_START = "import sys; sys.path.insert(0, sys.argv[1]); from pipeline.ingest.apart import serve; serve()"
_ADVICE = "请用 Word 或 WPS 打开后另存，或换一种格式（docx、PDF）重试"
_BY_LIBREOFFICE = "pipeline.ingest.office"

_child: subprocess.Popen | None = None
_turn = threading.Lock()
_answers: BinaryIO | None = None  # in the child: the pipe to the parent
_log = logging.getLogger(__name__)


def read(kind: str, module: str, content: bytes, name: str, converted: bytes | None = None, rules: Path | None = None) -> PolicyDocument:
    """What `module` makes of a file. Raises UnreadableFile, also where the child dies, hangs or runs out of memory; the next file gets a new child."""
    with _turn:
        child = _started()
        bounds = {name: value for name, value in vars(limits).items() if name.isupper()}
        late = threading.Event()
        timer = _timer(limits.READ_SECONDS, late, child)
        try:
            _send(child.stdin, pickle.dumps((kind, module, content, name, converted, bounds, str((rules or rules_folder()).absolute())), protocol=5))
            while (answer := store.loads(_receive(child.stdout)))[0] == "page":
                timer.cancel()
                timer = _timer(limits.OCR_PAGE_SECONDS, late, child)
                if answer[1][0]:
                    _log.info("%s：第 %d 页（共 %d 页）识别完", name, *answer[1])
            verdict, value = answer
        except Exception:  # a dead child breaks the pipe or leaves half a pickle
            verdict, value = "died", None
        except BaseException:  # Ctrl-C: the answer that is still to come must not be taken for that of the next file
            child.kill()
            stop()
            raise
        finally:
            timer.cancel()
        if verdict in ("died", "memory"):
            ended = stop()
            verdict = "late" if late.is_set() or hasattr(signal, "SIGXCPU") and ended == -signal.SIGXCPU else verdict
    if verdict == "read":
        return value
    if verdict == "refused":
        raise UnreadableFile(name, *value)
    problem = {"late": f"读取用时过长（处理器 {limits.READ_CPU_SECONDS} 秒以上），已停止", "memory": f"读取所需内存超过 {limits.READ_MEMORY // 1024 // 1024} MB，已停止"}
    raise UnreadableFile(name, problem.get(verdict, "读取时读取程序出错退出，文件可能已损坏"), _ADVICE)


def _timer(seconds: float, late: threading.Event, child: subprocess.Popen) -> threading.Timer:
    timer = threading.Timer(seconds, lambda: (late.set(), child.kill()))
    timer.daemon = True
    timer.start()
    return timer


def bounded() -> bool:
    """Can this system bound a child's memory? Elsewhere only its time is bounded."""
    try:
        import resource
    except ImportError:
        return False
    return hasattr(resource, "RLIMIT_AS")


def stop() -> int | None:
    """End the child, if there is one; returns how it ended (negative: by which signal)."""
    global _child
    child, _child = _child, None
    if child is None:
        return None
    for pipe in (child.stdin, child.stdout):
        try:
            pipe.close()
        except OSError:
            pass  # what could not be sent to a dead child
    try:
        return child.wait(timeout=1)  # a child that died by itself tells why
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _started() -> subprocess.Popen:
    global _child
    if _child is None or _child.poll() is not None:
        stop()
        root = str(Path(__file__).resolve().parents[2])
        _child = subprocess.Popen([sys.executable, "-P", "-c", _START, root], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return _child


def _forget() -> None:
    """In a forked process: its parent's child is not its own."""
    global _child, _turn
    _child, _turn = None, threading.Lock()


atexit.register(stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _send(pipe: BinaryIO, message: bytes) -> None:
    pipe.write(len(message).to_bytes(8, "big") + message)
    pipe.flush()


def _receive(pipe: BinaryIO) -> bytes:
    """One message. Raises EOFError where the other side is gone."""
    size = int.from_bytes(head := pipe.read(8), "big")
    if len(head) < 8 or size > 2 * limits.FILE_BYTES:
        raise EOFError
    return pipe.read(size)


# ---------------------------------------------------------------- in the child


def serve() -> None:
    """Answer until the parent closes the pipe. What libraries print must not stand between the messages."""
    global _answers
    from pipeline.ingest import document_of

    requests, _answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes the pipe
    while True:
        try:
            kind, module, content, name, converted, bounds, rules = pickle.loads(_receive(requests))
        except EOFError:
            return
        vars(limits).update(bounds)
        use_rules(Path(rules))
        _bind(None if module == _BY_LIBREOFFICE and converted is None else limits.READ_MEMORY, limits.READ_CPU_SECONDS)
        try:
            answer = ("read", document_of(kind, module, content, name, converted))
        except UnreadableFile as error:
            answer = ("refused", (error.problem, error.advice))
        except MemoryError:
            answer = ("memory", None)
        except Exception:  # a reader that fails in a way of its own must not end the run either
            answer = ("failed", None)
        _send(_answers, pickle.dumps(answer, protocol=5))


def page_recognised(number: int, count: int) -> None:
    """Pages (from 1, 0 before the first) of a file are being recognised: the next one has its own time and the memory that models and their threads reserve."""
    if _answers is not None:
        _bind(limits.OCR_MEMORY, limits.OCR_PAGE_CPU_SECONDS)
        _send(_answers, pickle.dumps(("page", (number, count)), protocol=5))


def _bind(memory: int | None, seconds: int) -> None:
    """Memory (bytes beyond what the child holds already; None: LibreOffice inherits bounds and needs more) and processor time from now on."""
    if not bounded():
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    for what, bound in ((resource.RLIMIT_AS, resource.RLIM_INFINITY if memory is None else _held() + memory),
                        (resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds)):
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (bound if hard == resource.RLIM_INFINITY else hard if bound == resource.RLIM_INFINITY else min(bound, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _held() -> int:
    """Bytes of address space that this process has: models that were loaded for one file stay, and must not count against the next."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
