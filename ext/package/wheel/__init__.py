"""digitnet: a neural network inside SQLite.

    import sqlite3, digitnet
    db = sqlite3.connect("mnist.db")
    digitnet.load(db)
"""
import os

__version__ = "@VERSION@"


def loadable_path() -> str:
    """The library, without its ending, which SQLite appends. Given, SQLite would tell of
    "digitnet.so.so" where a load fails, and not why digitnet.so did."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "digitnet")


def load(connection) -> None:
    """Loads the library into a connection of sqlite3 or apsw; extensions are off again
    after it."""
    enable = getattr(connection, "enable_load_extension", None)
    load_extension = getattr(connection, "load_extension", None)
    enable = enable or getattr(connection, "enableloadextension", None)  # apsw's older names
    load_extension = load_extension or getattr(connection, "loadextension", None)
    if not enable or not load_extension:
        raise NotImplementedError(
            "digitnet.load: this Python's sqlite3 was built without loadable extensions, as "
            "macOS's own is; use another Python, or apsw")
    enable(True)
    try:
        load_extension(loadable_path())
    finally:
        enable(False)
