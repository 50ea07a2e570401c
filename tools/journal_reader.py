#!/usr/bin/env python3
"""Reads a Penstock journal segment without Penstock: format in docs/reference/journal.md.

journal_reader.py SEGMENT…   prints one line of JSON per committed batch:
    {"segment", "offset", "group", "route", "partition", "count", "bytes", "first_received_ns", "samples", "sha256"}
Standard library only; for audits and for rescuing events when nothing else is at hand.
"""
import hashlib
import json
import os
import re
import struct
import sys

ALIGN = 64
BATCH, COMMIT, END = 1, 2, 3
MAGIC = b"\x89\xe4\x45\x01"


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


def byte_that_changes(difference, size):
    """(position, change) of the single byte of `size` whose change makes this difference of checksums; None when there is none."""
    bits = [TABLE[1 << bit] for bit in range(8)]
    for position in range(size - 1, -1, -1):
        sums = [0] * 256
        for change in range(1, 256):
            low = change & -change
            sums[change] = sums[change ^ low] ^ bits[low.bit_length() - 1]
            if sums[change] == difference:
                return position, change
        bits = [TABLE[bit & 255] ^ bit >> 8 for bit in bits]  # one byte further from the end
    return None


def mended_entry_at(data, at, salt, seed):
    """The entry header at `at` when one byte of it is damaged, else None."""
    if at + ALIGN > len(data):
        return None
    samples, (rings,) = data[at + 11], struct.unpack_from("<H", data, at + 60)
    lengths = (struct.unpack_from("<H", data, at + 8)[0], align(64 + 8 * samples), align(64 + 16 * rings))
    for size in lengths:
        if size < ALIGN or size % ALIGN or size > 64 + 16 * 1024 or at + size > len(data):
            continue
        header = bytearray(data[at:at + size])
        actual = crc32c(header[8:], seed)
        difference = actual ^ struct.unpack_from("<I", header, 4)[0]
        found = byte_that_changes(difference, size - 8) if difference else None
        if difference == 0:
            header[:4] = MAGIC
        elif found:
            header[8 + found[0]] ^= found[1]
        else:
            struct.pack_into("<I", header, 4, actual)
        if sum(a != b for a, b in zip(header, data[at:at + size])) == 1:
            entry = entry_at(data, at, salt, seed, bytes(header))
            if entry is not None:
                return entry
    return None


def entry_at(data, at, salt, seed, header=None):
    """The entry header at `at`, or None when there is no valid one. `header`: its bytes when they were mended."""
    if at + ALIGN > len(data) or (header is None and data[at:at + 4] != MAGIC):
        return None
    header = header or data[at:at + 64 + 16 * 1024]
    magic, crc, size, kind, samples, body, entry_salt, count, place, check, group, time_ns, span_us, distance, partition, \
        route, _ = struct.unpack_from("<IIHBBIIIIIQqIIiHH", header)
    if entry_salt != salt or place * ALIGN != at or size < ALIGN or at + size > len(data):
        return None
    if crc32c(header[8:size], seed) != crc:
        return None
    return {"at": at, "header": header[:size], "crc": crc, "size": size, "kind": kind, "samples": samples, "body": body, "count": count, "check": check,
            "group": group, "time_ns": time_ns, "partition": partition, "route": route, "end": at + size + align(body)}


def next_magic(data, at):
    """The next place from `at` on where an entry could begin."""
    while True:
        at = data.find(MAGIC, at)
        if at < 0 or at % ALIGN == 0:
            return at if at >= 0 else len(data)
        at += 1


def body_of(data, entry):
    """The RecordBatch of a batch entry, or None when it is damaged."""
    body = data[entry["at"] + entry["size"]:entry["at"] + entry["size"] + entry["body"]]
    if len(body) != entry["body"] or crc32c(body[:21]) != entry["check"]:
        return None
    return body if crc32c(body[21:]) == struct.unpack_from(">I", body, 17)[0] else None


def key_of(data, number=None):
    """(salt, seed) of a segment's entries; None when the header is that of another segment, whose file this was or has become."""
    version, salt, own = struct.unpack_from("<H", data, 8)[0], *struct.unpack_from("<IQ", data, 20)
    if version == 1:
        return salt, 0
    if crc32c(data[:60]) != struct.unpack_from("<I", data, 60)[0]:
        print("the segment's header is damaged", file=sys.stderr)
    elif number is not None and own != number:
        return None
    return salt, crc32c(struct.pack("<Q", own if number is None else number))


def committed_batches(data, number=None):
    """Yields (entry, body) of every committed, undamaged batch, in order. `number`: the segment's, by the file's name."""
    key = key_of(data, number) if len(data) >= ALIGN else None
    if key is None:
        return
    salt, seed = key
    pending, group, last_group, at = [], 0, 0, ALIGN
    whole = True  # what comes before is whole, so that an entry is expected here
    while at < len(data):
        entry = entry_at(data, at, salt, seed) or (mended_entry_at(data, at, salt, seed) if whole else None)
        whole = entry is not None
        if entry is not None and entry["kind"] == END and entry["group"] > last_group:
            return  # what follows is from an earlier life of the file
        if entry is None or entry["group"] <= last_group or entry["group"] < group or entry["end"] > len(data):
            at = next_magic(data, at + ALIGN)  # damage, or the unfinished end: look for the next valid header
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
        name = re.fullmatch("([0-9a-f]{16})\\.seg", os.path.basename(path))
        for entry, body in committed_batches(data, int(name[1], 16) if name else None):
            samples = struct.unpack_from(f"<{entry['samples']}q", entry["header"], 64)
            print(json.dumps({
                "segment": struct.unpack_from("<Q", data, 24)[0], "offset": entry["at"], "group": entry["group"],
                "route": entry["route"], "partition": entry["partition"], "count": entry["count"], "bytes": len(body),
                "first_received_ns": entry["time_ns"], "samples": samples, "sha256": hashlib.sha256(body).hexdigest(),
            }))


if __name__ == "__main__":
    main(sys.argv[1:])
