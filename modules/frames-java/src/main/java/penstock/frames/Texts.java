package penstock.frames;

/**
 * A column of texts, read from the first to the last. Where the next few stand is found ahead: each coding finds them in a loop of its own, and who reads
 * them asks no coding.
 */
abstract class Texts {
  static final int AHEAD = 64;

  /** What a later column may be a function of; null: nothing. */
  Numbers.SmallIds small;
  /** What all are by their coding; null: they may differ. */
  Slice always;
  /** Of those ahead: which bytes they are of, from where on and how many. */
  byte[] bytes;
  final int[] from, size;
  private int at, end, left;

  Texts(int count) {
    left = count;
    from = new int[Math.min(AHEAD, count)];
    size = new int[from.length];
  }

  /** Finds the next values, at most so many. @return how many, at least one */
  abstract int find(int most);

  /** Whether values stay where they are when the next are found. */
  abstract boolean stay();

  /** Whether the same part of the frame is the value of many. */
  boolean repeat() {
    return false;
  }

  /** The next value; it stays what it is. */
  final Slice next() {
    Slice text = found();
    return stay() ? text : text.copied();
  }

  /** The next value, which may stand at the end of {@code room} then. */
  final Slice next(Output room) {
    if (stay()) return found();
    int from = room.size();
    append(room);
    return room.since(from);
  }

  /** Appends the next value to what is composed of it. */
  final void append(Output room) {
    if (at == end) more();
    room.append(bytes, from[at], size[at++]);
  }

  /** Passes over values that are all the same. */
  final void pass(long values) {
    if (values > left + (end - at)) throw none();
    left -= (int) values;
  }

  /** @throws FrameException when there are values that nobody took */
  final void checkTaken() {
    if (left + (end - at) != 0) throw new FrameException("a variable has values that no template takes");
  }

  /** Takes the next values of another column as those ahead, at most so many. @return how many, at least one */
  final int findOf(Texts other, int most) {
    if (other.at == other.end) other.more();
    int values = Math.min(most, other.end - other.at);
    System.arraycopy(other.from, other.at, from, 0, values);
    System.arraycopy(other.size, other.at, size, 0, values);
    bytes = other.bytes;
    other.at += values;
    return values;
  }

  /** The next value, which may be overwritten when the one after it is read. */
  final Slice found() {
    if (at == end) more();
    return new Slice(bytes, from[at], size[at++]);
  }

  private void more() {
    if (left == 0) throw none();
    end = find(Math.min(left, from.length));
    left -= end;
    at = 0;
  }

  private static FrameException none() {
    return new FrameException("a column has too few values");
  }
}
