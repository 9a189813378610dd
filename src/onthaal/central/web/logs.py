"""Logs: one JSON line an event. No name, address, code or URL in them: whoever logs gives ids and counts."""

from __future__ import annotations

import logging  # noqa: TID251 (the one place where the standard library's log is tied to ours)
import sys
from types import TracebackType

import structlog


class Plain(logging.Handler):
    """What libraries say: their level, their name and the template of the message, never its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        where = innermost(record.exc_info[2] if record.exc_info else None)
        structlog.get_logger().log(
            record.levelno, "library", source=record.name, said=str(record.msg)[:200], error=kind, where=where
        )


def innermost(trace: TracebackType | None) -> str | None:
    """File and line where an error arose; its text may hold what somebody typed, and is left out."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else None


def begin() -> None:
    """Set up once per process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for library in ("httpx", "httpcore"):  # they say addresses, which hold codes
        logging.getLogger(library).setLevel(logging.WARNING)
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    if not any(isinstance(handler, Plain) for handler in root.handlers):
        root.handlers[:] = [*[h for h in root.handlers if type(h).__module__.startswith("_pytest")], Plain()]
