"""Loads digitnet into each connection that sqlite-utils opens."""
import digitnet
from sqlite_utils import hookimpl


@hookimpl
def prepare_connection(conn):
    digitnet.load(conn)
