"""Files that commands write, with one message where that is not possible."""

from __future__ import annotations

from pathlib import Path

from entitlements.kernel.errors import InvalidValueError


def write_file(path: str | Path, content: str | bytes, *, new: bool = False) -> None:
    """Write text in UTF-8, or bytes, as they are.

    Args:
        path: The file.
        content: What it holds afterwards.
        new: Whether a file that exists is refused; it stays as it is.

    Raises:
        InvalidValueError: The file exists and must not, or cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        with Path(path).open("xb" if new else "wb") as file:
            file.write(data)
    except FileExistsError:
        hint = "choose another name; the file was not changed"
        raise InvalidValueError(f"`{path}` already exists", hint=hint) from None
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a file name").lower()
        raise InvalidValueError(f"`{path}` cannot be written: {why}") from None
