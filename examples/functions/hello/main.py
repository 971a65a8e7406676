"""Greets whoever calls."""
import os

from words import sentence


def handler(event, _context):
    return {"message": sentence(os.environ["GREETING"], event.get("name", "world"))}
