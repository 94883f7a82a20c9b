"""Errors that are the person's to mend, and the first line of any other."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the input. The message names the file or key at fault and says what to do about it."""


def first_line(error: BaseException) -> str:
    """The first line of an error's message; its kind where it has none. PyTorch's advice to load what runs code is not
    passed on.
    """
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return "it holds more than tensors and plain data, which is not loaded" if "weights_only" in line else line
