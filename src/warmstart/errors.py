"""The one exception that means: the person can mend this; show the message, not a stack trace."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the input. The message names the file or key at fault and says what to do about it."""
