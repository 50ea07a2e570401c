#!/usr/bin/env python3
"""Reads Penstock's LogEvents, of the encodings "protobuf" and "compact", without Penstock and without a protobuf library.

As a module: read(value, schema("log_event.proto")) gives a dict by field name.
As a program: log_event.py schema/log_event.proto < value   prints one value as JSON.
The format: schema/log_event.proto, docs/reference/compact.md. Standard library only.
"""
import json
import re
import struct
import sys

ORIGINAL, ATTRS, SPANS = 4, 15, 2616
LEVEL, PRIORITY, FACILITY, SEVERITY, STRUCTURED_DATA = 9, 10, 11, 12, 18
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
NAME = rb"[!#-<>-\[^-~]+"
ELEMENT = re.compile(rb"\[(" + NAME + rb")((?: " + NAME + rb'="[^"\\\x00-\x1f]*")*)\]')
PARAM = re.compile(rb" (" + NAME + rb')=("[^"]*")')
NUMBER = re.compile(rb"0|[1-9][0-9]{0,17}")


class NotALogEvent(ValueError):
    """The bytes are malformed, or a span does not fit."""


def varint(data, at):
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise NotALogEvent("a number is cut off")
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def parts(data):
    """(field number, wire type, value) of a message: ints for types 0 and 1 (as stored), bytes for 2."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 1:
            if at + 8 > len(data):
                raise NotALogEvent("a number is cut off")
            value, at = struct.unpack_from("<q", data, at)[0], at + 8
        elif kind == 2:
            size, at = varint(data, at)
            if at + size > len(data):
                raise NotALogEvent("a text is cut off")
            value, at = data[at : at + size], at + size
        elif kind == 5 and at + 4 <= len(data):
            value, at = data[at : at + 4], at + 4
        else:
            raise NotALogEvent("wire type %d" % kind)
        yield tag >> 3, kind, value


def text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise NotALogEvent("a text is not UTF-8") from None


def digits(data):
    if not NUMBER.fullmatch(data):
        raise NotALogEvent("a span is not a decimal number")
    return int(data)


def structured_data(data):
    out, at = [], 0
    while at < len(data):
        found = ELEMENT.match(data, at)
        if not found:
            raise NotALogEvent("malformed structured data")
        params = b",".join(b'"' + name + b'":' + value for name, value in PARAM.findall(found[2]))
        out.append(b'"' + found[1] + b'":{' + params + b"}")
        at = found.end()
    if not out:
        raise NotALogEvent("empty structured data")
    return text(b"{" + b",".join(out) + b"}")


def resolve(original, spans, integers=frozenset()):
    """([(field number, value)], [bytes of each attribute's span]). Numbers in `integers` are int64 fields."""
    if len(spans) % 3:
        raise NotALogEvent("spans are not three numbers each")
    fields, attrs, end = [], [], 0
    for key, gap, length in zip(spans[::3], spans[1::3], spans[2::3]):
        if max(key, gap, length) >= 1 << 32:
            raise NotALogEvent("a span's number is above 2^32 - 1")
        offset = (end + gap) & 0xFFFFFFFF
        end = offset + length
        if end > len(original):
            raise NotALogEvent("a span ends at byte %d of %d" % (end, len(original)))
        data, number, form = original[offset:end], key >> 1, key & 1
        if number == ATTRS:
            attrs.append(data)
        elif form == 0:
            fields.append((number, digits(data) if number in integers else text(data)))
        elif number == PRIORITY:
            value = digits(data)
            if value > 191:
                raise NotALogEvent("syslog priority %d" % value)
            fields += [(PRIORITY, value), (FACILITY, value >> 3), (SEVERITY, value & 7), (LEVEL, SEVERITIES[value & 7])]
        elif number == STRUCTURED_DATA:
            fields.append((STRUCTURED_DATA, structured_data(data)))
    return fields, attrs


def schema(path):
    """{number: (name, type, repeated)} of the fields of LogEvent, from schema/log_event.proto."""
    with open(path, encoding="utf-8") as file:
        message = file.read().split("message LogEvent {", 1)[1].split("\n}", 1)[0]
    found = re.findall(r"(optional|repeated) (\w+) (\w+) = (\d+);", message)
    return {int(number): (name, kind, rule == "repeated") for rule, kind, name, number in found}


def attribute(entry, spans):
    name, value = "", None
    for number, _, part in parts(entry):
        if number == 1:
            name = text(part)
        elif number == 2:
            for kind, _, raw in parts(part):
                if kind in (1, 6):
                    value = text(raw)
                elif kind == 2:
                    value = (raw >> 1) ^ -(raw & 1)
                elif kind == 3:
                    value = struct.unpack("<d", struct.pack("<q", raw))[0]
                elif kind == 4:
                    value = raw != 0
                elif kind in (7, 8):
                    if raw >= len(spans):
                        raise NotALogEvent("an attribute is span %d of %d" % (raw, len(spans)))
                    value = text(spans[raw])
    return name, value


def scalar(kind, raw):
    if kind == "string":
        return text(raw)
    if kind == "int64":
        return raw - (1 << 64) if raw >> 63 else raw
    if kind == "double":
        return struct.unpack("<d", struct.pack("<q", raw))[0]
    return raw != 0 if kind == "bool" else raw


def read(value, fields):
    """{field name: value}; repeated fields are lists, attrs a dict, dates ns since 1970. `fields`: schema(path)."""
    seen = list(parts(value))
    original, spans = b"", []
    for number, kind, raw in seen:
        if number == ORIGINAL and kind == 2:
            original = raw
        elif number == SPANS and kind == 0:
            spans.append(raw)
        elif number == SPANS and kind == 2:
            at = 0
            while at < len(raw):
                element, at = varint(raw, at)
                spans.append(element)
    integers = {number for number, (_, kind, _) in fields.items() if kind == "int64"}
    resolved, attrs = resolve(original, spans, integers)
    out = {}

    def add(number, item):
        name, _, repeated = fields[number]
        if repeated:
            out.setdefault(name, []).append(item)
        else:
            out[name] = item

    for number, item in resolved:
        if number in fields:
            add(number, item)
    for number, kind, raw in seen:
        if number == ATTRS and kind == 2:
            name, item = attribute(raw, attrs)
            out.setdefault("attrs", {})[name] = item
        elif number in fields and number != SPANS:
            proto = fields[number][1]
            if kind == 2 and proto in ("int64", "bool", "double", "sfixed64"):  # packed
                at = 0
                while at < len(raw):
                    if proto in ("int64", "bool"):
                        item, at = varint(raw, at)
                    else:
                        item, at = struct.unpack_from("<q", raw, at)[0], at + 8
                    add(number, scalar(proto, item))
            else:
                add(number, raw if proto == "bytes" else scalar(proto, raw))
    return out


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    event = read(sys.stdin.buffer.read(), schema(sys.argv[1]))
    shown = {name: item.decode("utf-8", "replace") if isinstance(item, bytes) else item for name, item in event.items()}
    if isinstance(event.get("event_id"), bytes):
        shown["event_id"] = event["event_id"].hex()
    print(json.dumps(shown, ensure_ascii=False, sort_keys=True))
