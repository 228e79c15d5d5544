"""The order in which S3 lists keys: by UTF-8 bytes, which equals the order of code points."""

FIRST_SURROGATE, LAST_SURROGATE, LAST_CODE_POINT = 0xD800, 0xDFFF, 0x10FFFF


def next_key(key: str) -> str:
    """Return the smallest string that sorts after `key`."""
    return key + "\0"


def end_of_prefix(prefix: str) -> str | None:
    """Return the smallest string that sorts after every key with `prefix`; None if there is
    none."""
    while prefix:
        point = ord(prefix[-1]) + 1
        if FIRST_SURROGATE <= point <= LAST_SURROGATE:
            point = LAST_SURROGATE + 1
        if point <= LAST_CODE_POINT:
            return prefix[:-1] + chr(point)
        prefix = prefix[:-1]
    return None
