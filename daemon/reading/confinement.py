"""Takes from a worker process everything that reading does not need, before it sees one octet of a
stranger's.

What is taken, and by whom it is held: every file and socket (no descriptor can be opened any more,
`RLIMIT_NOFILE`), memory beyond a bound (`RLIMIT_AS`), writing of files and core dumps, new programs and every
system call that a calculation has no use for (seccomp(2), where the platform has it). The environment is left
empty by whoever starts the process. Processor time is bounded from outside, a job at a time (`process`).

Tried: namespaces (unshare(2)) need privileges that the unit file rightly takes away; a filter needs none.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import resource
import struct
import sys
from collections.abc import Iterable

CALLS = {
    # What CPython does while it computes, reads from one pipe and writes to another. The numbers are those of
    # x86_64 and of aarch64 (linux/unistd.h), None where the machine has none.
    "read": (0, 63),
    "write": (1, 64),
    "writev": (20, 66),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "poll": (7, None),
    "ppoll": (271, 73),
    "pselect6": (270, 72),
    "fcntl": (72, 25),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "futex": (202, 98),
    "restart_syscall": (219, 128),
    "sched_yield": (24, 124),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "tgkill": (234, 131),
    "getrusage": (98, 165),
    "getrandom": (318, 278),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
"""All other system calls answer EPERM."""
MACHINES = ("x86_64", "aarch64")
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 4, 38, 22
_SECCOMP_MODE_FILTER = 2
_RET_ALLOW, _RET_EPERM = 0x7FFF0000, 0x00050001
_LOAD, _IS_EQUAL, _RETURN = 0x20, 0x15, 0x06
_AT_NUMBER, _AT_ARCH = 0, 4


def confine(memory_bytes: int) -> bool:
    """Give up what is not needed; True where the filter of system calls stands too. Raises OSError where
    not even the limits can be set: then nothing may be read here."""
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_AS, memory_bytes),
    ):
        resource.setrlimit(what, (limit, limit))
    is_filtered = _filter_calls()
    if not is_filtered:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return is_filtered


def program(machine: str, numbers: Iterable[int]) -> bytes:
    """The filter as seccomp(2) wants it: instructions of classic BPF, eight octets each."""
    calls = tuple(numbers)

    def step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("=HBBI", code, if_true, if_false, value)

    return b"".join(
        (
            step(_LOAD, _AT_ARCH),
            step(_IS_EQUAL, _AUDIT_ARCH[machine], 1, 0),
            step(_RETURN, _RET_EPERM),
            step(_LOAD, _AT_NUMBER),
            *(step(_IS_EQUAL, number, len(calls) - at, 0) for at, number in enumerate(calls)),
            step(_RETURN, _RET_EPERM),
            step(_RETURN, _RET_ALLOW),
        )
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def _filter_calls() -> bool:
    machine = platform.machine()
    if sys.platform != "linux" or machine not in MACHINES:
        return False
    numbers = [call[MACHINES.index(machine)] for call in CALLS.values()]
    with contextlib.suppress(OSError, AttributeError, MemoryError):
        call = ctypes.CDLL(None, use_errno=True).prctl
        call.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
        # Descriptors first: afterwards the call that sets limits is no longer allowed.
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        steps = program(machine, [number for number in numbers if number is not None])
        filled = _Program(len(steps) // 8, steps)
        call(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        if call(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
            at = ctypes.addressof(filled)
            return bool(call(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, at, 0, 0) == 0)
    return False
