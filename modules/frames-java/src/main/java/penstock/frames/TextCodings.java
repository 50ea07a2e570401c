package penstock.frames;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** How columns of texts are written (docs/reference/frames.md, text codings). */
final class TextCodings {
  /** What all columns of a frame share. */
  static final class Budget {
    private int columns = Sections.COLUMNS_MAX;
    private long values, composed;
    private final int eventBytesMax;

    Budget(Sections sections) {
      values = 16L * sections.decodedBytes;
      // Each is in an event or in its original, as itself, of its template and of that one's template; and some are composed ahead.
      composed = 8L * sections.decodedBytes + Sections.COLUMNS_MAX;
      eventBytesMax = sections.eventBytesMax;
    }

    /** The number of a column's values. */
    int count(Bytes head) {
      int count = (int) head.varint(Math.min(values, Integer.MAX_VALUE));
      if (count == 0) throw new FrameException("a column without values");
      values -= count;
      return count;
    }

    private void compose(int bytes) {
      composed -= bytes;
      if (composed < 0) throw new FrameException("its texts are larger than its header says");
    }
  }

  private static final int DEPTH_MAX = 3;
  private static final int TEMPLATES_MAX = 4096;
  private static final int PARTS_MAX = 129;
  /** Texts are composed ahead up to it. */
  private static final int COMPOSED_AHEAD = 4096;

  private final Sections sections;
  private final Bytes head;
  private final List<Numbers.SmallIds> columns;
  private final Budget budget;
  private final int depth;

  private TextCodings(Sections sections, List<Numbers.SmallIds> columns, Budget budget, int depth) {
    this.sections = sections;
    this.head = sections.head;
    this.columns = columns;
    this.budget = budget;
    this.depth = depth;
  }

  /** The column that section 0 goes on with. */
  static Texts read(Sections sections, int count, List<Numbers.SmallIds> columns, Budget budget) {
    return new TextCodings(sections, columns, budget, 1).read(count);
  }

  private Texts read(int count) {
    if (budget.columns-- <= 0) throw new FrameException("it has too many columns");
    int coding = head.unsigned(8);
    return coding == 8 ? new Exceptions(count) : coding(coding, count);
  }

  private Texts coding(int coding, int count) {
    return switch (coding) {
      case 0 -> new Constant(count);
      case 1 -> new Dictionary(count);
      case 2 -> new Plain(count);
      case 3 -> new Decimal(count);
      case 4 -> new Fixed(count);
      case 5 -> new Ipv4(count);
      case 6 -> new Hexadecimal(count);
      default -> {
        if (depth > DEPTH_MAX - 1) throw new FrameException("templates within templates within templates");
        yield new Templates(count);
      }
    };
  }

  /** A column whose values are parts of the frame. */
  private abstract static class Part extends Texts {
    Part(int count) {
      super(count);
    }

    @Override
    final boolean stay() {
      return true;
    }
  }

  /** A column whose values are made, one after the other in one room. */
  private abstract static class Made extends Texts {
    final Output room;

    Made(int count, long bytesMax) {
      super(count);
      room = new Output(bytesMax);
    }

    @Override
    final boolean stay() {
      return false;
    }

    /** Where each begins is known. */
    final int made(int values) {
      for (int i = 0, last = values - 1; i <= last; i++) size[i] = (i == last ? room.size() : from[i + 1]) - from[i];
      bytes = room.array();
      return values;
    }
  }

  private final class Constant extends Part {
    Constant(int count) {
      super(count);
      always = head.text();
      bytes = always.bytes();
      Arrays.fill(from, always.from());
      Arrays.fill(size, always.size());
    }

    @Override
    int find(int most) {
      return most;
    }
  }

  private final class Dictionary extends Part {
    private final int[] sizes;
    private final Supplier<Slice> blob;
    private final Numbers.Ids ids;
    private final long[] ahead;
    private int[] begins;
    private int read;

    Dictionary(int count) {
      super(count);
      ahead = new long[from.length];
      sizes = new int[head.varintInt(Math.min(count, head.left()))];
      int total = 0;
      for (int i = 0; i < sizes.length; i++) total += sizes[i] = head.varintInt(Sections.DECODED_BYTES_MAX - total);
      blob = sections.blob(total);
      ids = Numbers.ids(sections, count, columns);
      small = ids.small;
    }

    @Override
    boolean repeat() {
      return true;
    }

    @Override
    int find(int most) {
      if (begins == null) open();
      ids.read(read, ahead, most);
      read += most;
      for (int i = 0; i < most; i++) {
        if (ahead[i] >= sizes.length) throw new FrameException("an id without an entry");
        from[i] = begins[(int) ahead[i]];
        size[i] = sizes[(int) ahead[i]];
      }
      return most;
    }

    private void open() {
      Slice entries = blob.get();
      bytes = entries.bytes();
      begins = new int[sizes.length];
      for (int i = 0, at = entries.from(); i < sizes.length; at += sizes[i++]) begins[i] = at;
    }
  }

  private final class Plain extends Part {
    private final Numbers sizes;
    private final Supplier<Slice> blob;
    private int next, end;

    Plain(int count) {
      super(count);
      int start = head.at;
      sizes = new Numbers(sections, count, columns);
      if (!sizes.packed) throw new FrameException("sizes that are not packed");
      int after = head.at;
      double total = 0;
      if (sizes.constant != null) {
        total = sizes.constant < 0 ? Double.NaN : (double) sizes.constant * count;
      } else {
        // Read twice: their sum says how many bytes they are of.
        head.at = start;
        Numbers again = new Numbers(sections, count, columns);
        head.at = after;
        for (int i = 0; i < count && total <= Sections.DECODED_BYTES_MAX; i++) total += again.nextIndex(Sections.DECODED_BYTES_MAX);
      }
      if (!(total <= Sections.DECODED_BYTES_MAX)) throw new FrameException("texts are larger than it may hold");
      blob = sections.blob((long) total);
    }

    @Override
    int find(int most) {
      if (bytes == null) {
        Slice all = blob.get();
        bytes = all.bytes();
        next = all.from();
        end = next + all.size();
      }
      for (int i = 0; i < most; i++) {
        from[i] = next;
        size[i] = sizes.nextIndex(end - next);
        next += size[i];
      }
      return most;
    }
  }

  /** Numbers as texts, each at a place of its own: those of one kind in a loop of its own, as is every call that a loop makes. */
  private abstract static class Written extends Texts {
    final Numbers numbers;
    final int digits;

    Written(int count, int digits, Numbers numbers) {
      super(count);
      this.digits = digits;
      this.numbers = numbers;
      small = numbers.small;
      bytes = new byte[Digits.PLACE * from.length + Output.SHORT];
      for (int i = 0; i < from.length; i++) from[i] = Digits.PLACE * i;
    }

    @Override
    final boolean stay() {
      return false;
    }
  }

  private final class Decimal extends Written {
    Decimal(int count) {
      super(count, head.unsigned(9), new Numbers(sections, count, columns));
    }

    @Override
    int find(int most) {
      int values = Math.min(most, numbers.ready());
      for (int i = 0; i < values; i++) size[i] = Digits.decimal(bytes, from[i], numbers.next(), digits);
      return values;
    }
  }

  private final class Fixed extends Written {
    Fixed(int count) {
      super(count, head.unsigned(18), new Numbers(sections, count, columns));
    }

    @Override
    int find(int most) {
      int values = Math.min(most, numbers.ready());
      for (int i = 0; i < values; i++) size[i] = Digits.fixed(bytes, from[i], numbers.next(), digits);
      return values;
    }
  }

  private final class Ipv4 extends Written {
    Ipv4(int count) {
      super(count, 0, new Numbers(sections, count, columns));
    }

    @Override
    int find(int most) {
      int values = Math.min(most, numbers.ready());
      for (int i = 0; i < values; i++) size[i] = Digits.ipv4(bytes, from[i], numbers.next());
      return values;
    }
  }

  private final class Hexadecimal extends Made {
    /** What of the pattern is the same: digits of one alphabet, or themselves. */
    private record Run(Slice pattern, boolean digits, boolean upper) {}

    private final List<Run> runs = new ArrayList<>();
    private final int digits;
    private final Supplier<Slice> blob;
    /** Those of the next values, in lower case. */
    private final byte[] ahead;
    private long digit;

    Hexadecimal(int count) {
      super(count, 64L * AHEAD);
      Slice pattern = head.text();
      if (pattern.size() > 64) throw new FrameException("a pattern that is too long");
      for (int begin = 0, end = 0; begin < pattern.size(); begin = end) {
        int kind = kind(pattern.at(begin));
        while (end < pattern.size() && kind(pattern.at(end)) == kind) end++;
        runs.add(new Run(pattern.part(begin, end - begin), kind != 0, kind == 'X'));
      }
      digits = runs.stream().filter(Run::digits).mapToInt(run -> run.pattern.size()).sum();
      blob = sections.blob(((long) count * digits + 1) / 2);
      ahead = new byte[digits * from.length + 2 + Output.SHORT];
    }

    private static int kind(int character) {
      return (character | 32) == 'x' ? character : 0;
    }

    @Override
    int find(int most) {
      Digits.hexadecimal(blob.get(), digit / 2, (digit + (long) most * digits + 1) / 2, ahead);
      int at = (int) (digit % 2);
      digit += (long) most * digits;
      room.clear();
      for (int i = 0; i < most; i++) {
        from[i] = room.size();
        for (Run run : runs) {
          int size = run.pattern.size();
          if (!run.digits) {
            room.append(run.pattern);
            continue;
          }
          room.append(ahead, at, size);
          at += size;
          if (run.upper) Digits.upperCase(room.array(), room.size() - size, size);
        }
      }
      return made(most);
    }
  }

  private final class Exceptions extends Texts {
    private final int[] places;
    private final List<Slice> exceptions = new ArrayList<>();
    private final Texts others;
    private int place, exception;

    Exceptions(int count) {
      super(count);
      int left = head.varintInt(count - 1);
      if (left == 0) throw new FrameException("no exceptions");
      places = new int[Math.min(left, head.left()) + 1];
      for (int at = 0; exceptions.size() < left; ) {
        if (at >= count) throw new FrameException("an exception that is no value");
        at += head.varintInt(count - 1 - at);
        places[exceptions.size()] = at++;
        exceptions.add(head.text());
      }
      places[left] = count;
      others = coding(head.unsigned(7), count - left);
      small = others.small;
    }

    @Override
    boolean stay() {
      return others.stay();
    }

    @Override
    boolean repeat() {
      return others.repeat();
    }

    @Override
    int find(int most) {
      if (place < places[exception]) {
        int values = findOf(others, Math.min(most, places[exception] - place));
        place += values;
        return values;
      }
      Slice text = exceptions.get(exception++);
      bytes = text.bytes();
      from[0] = text.from();
      size[0] = text.size();
      place++;
      return 1;
    }
  }

  private final class Templates extends Made {
    private final Texts[] variables;
    private final Template[] templates;
    private final Numbers ids;
    private int left;

    Templates(int count) {
      super(count, COMPOSED_AHEAD + 4L * budget.eventBytesMax + 64);
      left = count;
      int variableCount = head.varintInt(budget.columns), templateCount = head.varintInt(TEMPLATES_MAX);
      int[][] variablesOf = new int[templateCount][];
      Slice[][] literalsOf = new Slice[templateCount][];
      for (int t = 0; t < templateCount; t++) readParts(t, variablesOf, literalsOf, variableCount);
      TextCodings within = new TextCodings(sections, List.of(), budget, depth + 1);
      variables = new Texts[variableCount];
      for (int v = 0; v < variableCount; v++) variables[v] = within.read(budget.count(head));
      ids = new Numbers(sections, count, List.of());
      templates = new Template[templateCount];
      for (int t = 0; t < templateCount; t++) templates[t] = new Template(literalsOf[t], variablesOf[t], variables);
    }

    private void readParts(int t, int[][] variablesOf, Slice[][] literalsOf, int variableCount) {
      int parts = head.varintInt(PARTS_MAX);
      variablesOf[t] = new int[parts];
      literalsOf[t] = new Slice[parts];
      for (int p = 0; p < parts; p++) {
        int variable = variablesOf[t][p] = head.varintInt(variableCount);
        if (variable == 0) literalsOf[t][p] = head.text();
      }
    }

    @Override
    int find(int most) {
      room.clear();
      int values = 0;
      do {
        from[values++] = room.size();
        templates[ids.nextIndex(templates.length - 1)].append(room);
      } while (values < most && room.size() < COMPOSED_AHEAD);
      budget.compose(room.size());
      left -= values;
      if (left == 0) checkVariables();
      return made(values);
    }

    /** Of all texts' templates: they take what the variables have, no more and no less. */
    private void checkVariables() {
      for (Template template : templates) template.checkConstants();
      for (Texts variable : variables) variable.checkTaken();
    }
  }
}
