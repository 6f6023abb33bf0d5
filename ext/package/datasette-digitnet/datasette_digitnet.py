"""Loads digitnet into each connection that Datasette opens."""
import digitnet
from datasette import hookimpl


@hookimpl
def prepare_connection(conn):
    digitnet.load(conn)
