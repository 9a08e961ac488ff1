"""How Athena writes values: its results are texts."""

import datetime
import decimal
import math


def said(value, inside=False):
    """A value as Athena writes it; NULL is no text, and `null` inside of another value."""
    match value:
        case None:
            return "null" if inside else None
        case bool():
            return str(value).lower()
        case float():
            return java_double(value)
        case decimal.Decimal():
            return f"{value:f}"
        case bytes():
            return value.hex(" ")
        case datetime.datetime():
            # Athena's timestamps have milliseconds; what files have beyond them is rounded.
            value += datetime.timedelta(microseconds=500)
            return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"
        case list() if value and all(isinstance(entry, tuple) for entry in value):
            return said(dict(value))
        case list():
            return f"[{', '.join(said(one, inside=True) for one in value)}]"
        case dict():
            return "{" + ", ".join(f"{k}={said(v, inside=True)}" for k, v in value.items()) + "}"
        case _:
            return str(value)


def java_double(value):
    if value == 0 or 1e-3 <= abs(value) < 1e7 or not math.isfinite(value):
        return repr(value)
    mantissa, exponent = f"{decimal.Decimal(repr(value)):E}".split("E")
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
