"""digitnet: a neural network inside SQLite.

    import sqlite3, digitnet
    db = sqlite3.connect("mnist.db")
    digitnet.load(db)
"""
import os

# Without ".so", which SQLite appends: given, it would tell of "digitnet.so.so" where a
# load fails, and not why digitnet.so did.
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "digitnet")


def load(connection):
    """Loads the library into a connection of sqlite3 or apsw; extensions are off again
    after it."""
    enable = getattr(connection, "enableloadextension", None)  # apsw's older names
    load_extension = getattr(connection, "loadextension", None)
    enable = enable or connection.enable_load_extension
    load_extension = load_extension or connection.load_extension
    enable(True)
    try:
        load_extension(path)
    finally:
        enable(False)
