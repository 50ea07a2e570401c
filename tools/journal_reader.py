#!/usr/bin/env python3
"""Reads a Penstock journal segment without Penstock: format in docs/reference/journal.md.

journal_reader.py SEGMENT…   prints one line of JSON per committed batch:
    {"segment", "offset", "group", "route", "partition", "count", "bytes", "first_received_ns", "samples", "sha256"}
Standard library only; for audits and for rescuing events when nothing else is at hand.
"""
import hashlib
import json
import struct
import sys

ALIGN = 64
BATCH, COMMIT = 1, 2


def make_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82F63B78 if n & 1 else n >> 1
        table.append(n)
    return table


TABLE = make_table()


def crc32c(data, crc=0):
    crc ^= 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


def align(n):
    return (n + ALIGN - 1) // ALIGN * ALIGN


def entry_at(data, at, salt):
    """The entry header at `at`, or None when there is no valid one."""
    if at + ALIGN > len(data):
        return None
    magic, crc, size, kind, samples, body, entry_salt, count, place, check, group, time_ns, span_us, distance, partition, \
        route, _ = struct.unpack_from("<IIHBBIIIIIQqIIiHH", data, at)
    if magic != 0x0145E489 or entry_salt != salt or place * ALIGN != at or size < ALIGN or at + size > len(data):
        return None
    if crc32c(data[at + 8:at + size]) != crc:
        return None
    return {"at": at, "crc": crc, "size": size, "kind": kind, "samples": samples, "body": body, "count": count, "check": check,
            "group": group, "time_ns": time_ns, "partition": partition, "route": route, "end": at + size + align(body)}


def body_of(data, entry):
    """The RecordBatch of a batch entry, or None when it is damaged."""
    body = data[entry["at"] + entry["size"]:entry["at"] + entry["size"] + entry["body"]]
    if len(body) != entry["body"] or crc32c(body[:21]) != entry["check"]:
        return None
    return body if crc32c(body[21:]) == struct.unpack_from(">I", body, 17)[0] else None


def committed_batches(data):
    """Yields (entry, body) of every committed, undamaged batch, in order."""
    salt = struct.unpack_from("<I", data, 20)[0]
    pending, group, last_group, at = [], 0, 0, ALIGN
    while at < len(data):
        entry = entry_at(data, at, salt)
        if entry is None or entry["group"] <= last_group or entry["group"] < group or entry["end"] > len(data):
            at += ALIGN  # damage, or the unfinished end: look for the next valid header
            continue
        if group and entry["group"] > group:  # a later group was begun, so this one was whole
            yield from pending
            pending, last_group, group = [], group, 0
        if entry["kind"] == COMMIT:
            yield from pending
            pending, last_group, group = [], entry["group"], 0
        else:
            group = entry["group"]
            body = body_of(data, entry)
            if body is not None:
                pending.append((entry, body))
        at = entry["end"]


def main(paths):
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        for entry, body in committed_batches(data):
            samples = struct.unpack_from(f"<{entry['samples']}q", data, entry["at"] + 64)
            print(json.dumps({
                "segment": struct.unpack_from("<Q", data, 24)[0], "offset": entry["at"], "group": entry["group"],
                "route": entry["route"], "partition": entry["partition"], "count": entry["count"], "bytes": len(body),
                "first_received_ns": entry["time_ns"], "samples": samples, "sha256": hashlib.sha256(body).hexdigest(),
            }))


if __name__ == "__main__":
    main(sys.argv[1:])
