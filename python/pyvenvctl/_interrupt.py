# SPDX-License-Identifier: MIT
"""Ctrl-C while libvenvctl is at work.

Python runs its handlers of signals between two instructions of the main thread, and one call
of the library is one instruction.  So another thread hears of the signal and cancels the work;
then the call returns, and Python's handler raises KeyboardInterrupt as ever.
"""

import contextlib
import os
import signal
import threading
from typing import Callable, Iterator


def _watch(fd: int, cancel: Callable[[], None], other: int) -> None:
    while True:
        numbers = os.read(fd, 64)
        if not numbers:
            return
        if signal.SIGINT in numbers:
            cancel()
        if other >= 0:  # somebody else waits for signals, too
            with contextlib.suppress(OSError):
                os.write(other, numbers)


@contextlib.contextmanager
def cancelled_by_sigint(cancel: Callable[[], None]) -> Iterator[None]:
    """CANCEL is called when SIGINT comes, if Python has a handler for it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # no signal is raised here
        return
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    other = signal.set_wakeup_fd(writes, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(reads, cancel, other), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(other)
        os.close(writes)
        watcher.join()
        os.close(reads)
