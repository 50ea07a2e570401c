package penstock.frames;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Columns of texts (docs/reference/frames.md, text codings). */
final class Texts {
  /** What all columns of a frame share. */
  static final class Budget {
    int columns = Sections.COLUMNS_MAX;
    private long values;
    final int eventBytesMax;

    Budget(Sections sections) {
      values = 16L * sections.decodedBytes;
      eventBytesMax = sections.eventBytesMax;
    }

    /** The number of a column's values. */
    int count(Bytes head) {
      int count = (int) head.varint(Math.min(values, Integer.MAX_VALUE));
      if (count == 0) throw new FrameException("a column without values");
      values -= count;
      return count;
    }
  }

  /** Gives the next value: a part of the frame, or what it has appended to the room. */
  private interface Source {
    Slice next(Output room);

    /** Appends the next value, without saying where it is: a part of the frame is copied. */
    default void append(Output room) {
      room.append(next(room));
    }
  }

  /** Of values that are put together. */
  private interface Composer extends Source {
    @Override
    void append(Output room);

    @Override
    default Slice next(Output room) {
      int from = room.size();
      append(room);
      return room.since(from);
    }
  }

  private static final int DEPTH_MAX = 3;
  private static final int TEMPLATES_MAX = 4096;
  private static final int PARTS_MAX = 129;

  /** What a later column may be a function of; null: nothing. */
  Numbers.SmallIds small;
  /** What all are by their coding; null: they may differ. */
  final Slice always;
  private final Source source;
  private Output own;
  private final Sections sections;
  private final List<Numbers.SmallIds> columns;
  private final Budget budget;
  private final int depth;
  private int at;

  Texts(Sections sections, int count, List<Numbers.SmallIds> columns, Budget budget, int depth) {
    this.sections = sections;
    this.columns = columns;
    this.budget = budget;
    this.depth = depth;
    if (budget.columns-- <= 0) throw new FrameException("it has too many columns");
    int coding = sections.head.unsigned(8);
    source = coding == 8 ? exceptions(count) : coding(coding, count);
    always = coding == 0 ? source.next(null) : null;
  }

  /** The next value; it stays what it is. */
  Slice next() {
    if (own == null) own = new Output(composedMax());
    own.clear();
    Slice text = source.next(own);
    return own.holds(text) ? own.copied() : text;
  }

  /** The next value, which may stand at the end of {@code room} then. */
  Slice next(Output room) {
    return source.next(room);
  }

  /** Appends the next value to what is composed of it. */
  void append(Output room) {
    source.append(room);
  }

  /** What the values of one event may take together: each is in the event or in its original, once or (structured data) twice. */
  private long composedMax() {
    return 4L * budget.eventBytesMax + 64;
  }

  private Source exceptions(int count) {
    Bytes head = sections.head;
    List<Slice> exceptions = new ArrayList<>();
    int left = head.varintInt(count - 1);
    if (left == 0) throw new FrameException("no exceptions");
    int[] places = new int[Math.min(left, head.left()) + 1];
    for (int place = 0; exceptions.size() < left; ) {
      if (place >= count) throw new FrameException("an exception that is no value");
      place += head.varintInt(count - 1 - place);
      places[exceptions.size()] = place++;
      exceptions.add(head.text());
    }
    places[left] = -1;
    Source others = coding(head.unsigned(7), count - left);
    int[] value = {0}, exception = {0};
    return new Source() {
      @Override
      public Slice next(Output room) {
        return value[0]++ == places[exception[0]] ? exceptions.get(exception[0]++) : others.next(room);
      }

      @Override
      public void append(Output room) {
        if (value[0]++ == places[exception[0]]) room.append(exceptions.get(exception[0]++));
        else others.append(room);
      }
    };
  }

  private Source coding(int coding, int count) {
    Bytes head = sections.head;
    switch (coding) {
      case 0: {
        Slice value = head.text();
        return room -> value;
      }
      case 1: return dictionary(count);
      case 2: return plain(count);
      case 6: return hexadecimal(count);
      case 7:
        if (depth >= DEPTH_MAX) throw new FrameException("templates within templates within templates");
        return templates(count);
      default: break;
    }
    int digits = coding == 5 ? 0 : head.unsigned(coding == 4 ? 18 : 9);
    Numbers numbers = new Numbers(sections, count, columns);
    small = numbers.small;
    // Each in words of its own: a call by way of an interface costs as much as the digits.
    Composer ipv4 = room -> Digits.ipv4(room, numbers.next());
    Composer decimal = room -> Digits.decimal(room, numbers.next(), digits);
    Composer fixed = room -> Digits.fixed(room, numbers.next(), digits);
    return coding == 5 ? ipv4 : coding == 3 ? decimal : fixed;
  }

  private Source dictionary(int count) {
    Bytes head = sections.head;
    int[] sizes = new int[head.varintInt(Math.min(count, head.left()))];
    int total = 0;
    for (int i = 0; i < sizes.length; i++) total += sizes[i] = head.varintInt(Sections.DECODED_BYTES_MAX - total);
    Supplier<Slice> bytes = sections.blob(total);
    Numbers.Ids ids = Numbers.ids(sections, count, columns);
    small = ids.small;
    Slice[][] entries = {null};
    return room -> {
      if (entries[0] == null) entries[0] = slices(bytes.get(), sizes);
      int id = ids.at(at++);
      if (id >= entries[0].length) throw new FrameException("an id without an entry");
      return entries[0][id];
    };
  }

  private static Slice[] slices(Slice bytes, int[] sizes) {
    Slice[] out = new Slice[sizes.length];
    int from = 0;
    for (int i = 0; i < sizes.length; from += sizes[i++]) out[i] = bytes.part(from, sizes[i]);
    return out;
  }

  private Source plain(int count) {
    Bytes head = sections.head;
    int start = head.at;
    Numbers sizes = new Numbers(sections, count, columns);
    if (!sizes.packed) throw new FrameException("sizes that are not packed");
    int end = head.at;
    double total = 0;
    if (sizes.constant != null) {
      total = sizes.constant < 0 ? Double.NaN : (double) sizes.constant * count;
    } else {
      // Read twice: their sum says how many bytes they are of.
      head.at = start;
      Numbers again = new Numbers(sections, count, columns);
      head.at = end;
      for (int i = 0; i < count && total <= Sections.DECODED_BYTES_MAX; i++) total += again.nextIndex(Sections.DECODED_BYTES_MAX);
    }
    if (!(total <= Sections.DECODED_BYTES_MAX)) throw new FrameException("texts are larger than it may hold");
    Supplier<Slice> bytes = sections.blob((long) total);
    return room -> {
      int size = sizes.nextIndex(Sections.DECODED_BYTES_MAX);
      at += size;
      return bytes.get().part(at - size, size);
    };
  }

  private Source hexadecimal(int count) {
    Slice pattern = sections.head.text();
    if (pattern.size() > 64) throw new FrameException("a pattern that is too long");
    long digits = 0;
    for (int i = 0; i < pattern.size(); i++) digits += isDigit(pattern.at(i)) ? 1 : 0;
    Supplier<Slice> bytes = sections.blob((count * digits + 1) / 2);
    long[] digit = {0};
    Composer write = room -> {
      int size = pattern.size(), from = room.take(size);
      byte[] out = room.array();
      Slice both = bytes.get();
      for (int i = 0; i < size; i++) {
        int c = pattern.at(i);
        if (isDigit(c)) {
          int pair = both.at((int) (digit[0] >> 1)), nibble = digit[0]++ % 2 == 0 ? pair >> 4 : pair & 15;
          c = nibble < 10 ? '0' + nibble : (c == 'x' ? 'a' : 'A') + nibble - 10;
        }
        out[from + i] = (byte) c;
      }
    };
    return write;
  }

  private static boolean isDigit(int c) {
    return c == 'x' || c == 'X';
  }

  /** A literal, or the number of a variable from 1 on. */
  private record Part(Slice literal, int variable) {}

  private Source templates(int count) {
    Bytes head = sections.head;
    int variableCount = head.varintInt(budget.columns), templateCount = head.varintInt(TEMPLATES_MAX);
    List<List<Part>> templates = new ArrayList<>();
    for (int t = 0; t < templateCount; t++) {
      List<Part> parts = new ArrayList<>();
      for (int left = head.varintInt(PARTS_MAX); left > 0; left--) {
        int variable = head.varintInt(variableCount);
        parts.add(new Part(variable == 0 ? head.text() : null, variable));
      }
      templates.add(parts);
    }
    int[] left = new int[variableCount];
    Texts[] variables = new Texts[variableCount];
    for (int v = 0; v < variableCount; v++) {
      left[v] = budget.count(head);
      variables[v] = new Texts(sections, left[v], List.of(), budget, depth + 1);
    }
    Numbers ids = new Numbers(sections, count, List.of());
    Part[][] all = templates.stream().map(parts -> parts.toArray(new Part[0])).toArray(Part[][]::new);
    Composer write = room -> {
      for (Part part : all[ids.nextIndex(templateCount - 1)]) {
        if (part.variable() == 0) {
          room.append(part.literal());
          continue;
        }
        int variable = part.variable() - 1;
        if (left[variable]-- <= 0) throw new FrameException("templates take more values than a variable has");
        variables[variable].append(room);
      }
    };
    return write;
  }
}
