package penstock.frames;

import com.github.luben.zstd.ZstdDecompressCtx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32C;

/** Frames of Penstock: many events in the value of one Kafka record. Format: docs/reference/frames.md. */
public final class Frame {
  /** Most that the events of a frame may take as LogEvents unless another bound is given. */
  public static final int DECODED_BYTES_MAX = 64 << 20;

  record Column(Shape.ColumnType type, int count, Texts texts, Numbers numbers, EventIds ids) {
    /** The next value of what is no number; it stays what it is. */
    Slice text() {
      return texts != null ? texts.next() : ids.next();
    }

    /** The same, which may stand at the end of {@code room}. */
    Slice text(Output room) {
      return texts != null ? texts.next(room) : ids.next();
    }

    /** The same, which may be overwritten when the one after it is read. */
    Slice found() {
      return texts != null ? texts.found() : ids.next();
    }

    /** Appends the next value of a column of texts. */
    void append(Output room) {
      texts.append(room);
    }
  }

  private final Sections sections;
  private final List<Column> columns = new ArrayList<>();
  private final List<Shape> shapes = new ArrayList<>();
  private final int[] events;

  /** Whether a record's value is a frame; otherwise it is a LogEvent. */
  public static boolean isFrame(byte[] value) {
    return Sections.isFrame(value);
  }

  /** The LogEvents of a frame, each the bytes that the encoding "protobuf" would have given. @throws FrameException */
  public static List<byte[]> records(byte[] value) {
    return records(value, DECODED_BYTES_MAX);
  }

  /** The same of a frame whose events take at most {@code decodedBytesMax}. @throws FrameException */
  public static List<byte[]> records(byte[] value, int decodedBytesMax) {
    return read(value, decodedBytesMax, Frame::records);
  }

  /**
   * The events of a frame with their values, as {@link Event#of} gives them of {@link #records}, which are not made: strings that events have in common are made
   * once. @throws FrameException
   */
  public static List<Event> events(byte[] value) {
    return events(value, DECODED_BYTES_MAX);
  }

  /** The same of a frame whose events take at most {@code decodedBytesMax}. @throws FrameException */
  public static List<Event> events(byte[] value, int decodedBytesMax) {
    return read(value, decodedBytesMax, Frame::events);
  }

  /**
   * The named fields of every event, by ECS names or names of attributes. Only the columns that hold them are read, so two fields cost a fraction
   * of all, and damage in other columns goes unnoticed. @throws FrameException
   */
  public static Fields fields(byte[] value, String... names) {
    return fields(value, DECODED_BYTES_MAX, names);
  }

  /** The same of a frame whose events take at most {@code decodedBytesMax}. @throws FrameException */
  public static Fields fields(byte[] value, int decodedBytesMax, String... names) {
    return read(value, decodedBytesMax, frame -> {
      Fields fields = new Fields(frame.events.length, names);
      new Projection(frame.sections, frame.columns, frame.shapes, fields).read(frame.events);
      return fields;
    });
  }

  private static <T> T read(byte[] value, int decodedBytesMax, Function<Frame, T> reader) {
    try (ZstdDecompressCtx zstd = new ZstdDecompressCtx()) {
      return reader.apply(new Frame(new Sections(value, decodedBytesMax, zstd)));
    } catch (IndexOutOfBoundsException | NegativeArraySizeException error) {
      throw new FrameException("it is damaged: " + error.getMessage());
    }
  }

  private Frame(Sections sections) {
    this.sections = sections;
    readColumns();
    List<Shape.ColumnType> types = columns.stream().map(Column::type).toList();
    for (int i = 0; i < sections.shapes; i++) shapes.add(Shape.read(sections, types));
    if (sections.head.left() != 0) throw new FrameException("bytes follow its shapes");
    events = shapesOfEvents();
  }

  private void readColumns() {
    TextCodings.Budget budget = new TextCodings.Budget(sections);
    List<Numbers.SmallIds> small = new ArrayList<>();
    for (int c = 0; c < sections.columns; c++) {
      Shape.ColumnType type = Shape.ColumnType.values()[sections.head.unsigned(2)];
      int count = budget.count(sections.head);
      Texts texts = type == Shape.ColumnType.TEXT ? TextCodings.read(sections, count, small, budget) : null;
      Numbers numbers = type == Shape.ColumnType.NUMBER ? new Numbers(sections, count, small) : null;
      EventIds ids = type == Shape.ColumnType.ID ? new EventIds(sections, count) : null;
      small.add(texts != null ? texts.small : numbers != null ? numbers.small : null);
      columns.add(new Column(type, count, texts, numbers, ids));
    }
  }

  /** The shape of each event; every column has as many values as its events take. */
  private int[] shapesOfEvents() {
    Column first = columns.get(0);
    if (first.numbers() == null || first.count() != sections.events) throw new FrameException("its first column does not say the shapes");
    int[] ids = new int[sections.events];
    long[] uses = new long[shapes.size()];
    for (int i = 0; i < ids.length; i++) uses[ids[i] = first.numbers().nextIndex(shapes.size() - 1)]++;
    long[] wanted = new long[columns.size()];
    wanted[0] = sections.events;
    for (int s = 0; s < uses.length; s++) {
      for (Shape.Slot slot : shapes.get(s).slots()) if (slot.column() >= 0) wanted[slot.column()] += uses[s];
      for (Shape.Piece piece : shapes.get(s).pieces()) if (piece.kind() == 1) wanted[piece.at()] += uses[s];
    }
    for (int c = 0; c < wanted.length; c++)
      if (columns.get(c).count() != wanted[c]) throw new FrameException("columns have another number of values than its events take");
    return ids;
  }

  private List<byte[]> records() {
    List<byte[]> records = new ArrayList<>(events.length);
    EventWriter.Rooms rooms = new EventWriter.Rooms(sections.eventBytesMax);
    EventWriter[] writers = new EventWriter[shapes.size()];
    Sums sums = new Sums();
    for (int id : events) {
      if (writers[id] == null) writers[id] = new EventWriter(shapes.get(id), columns, rooms);
      sums.add(writers[id].next(), rooms.event.size());
      records.add(rooms.event.copy());
    }
    sums.check();
    return records;
  }

  private List<Event> events() {
    List<Event> read = new ArrayList<>(events.length);
    EventWriter.Rooms rooms = new EventWriter.Rooms(sections.eventBytesMax);
    EventWriter[] writers = new EventWriter[shapes.size()];
    EventReader[] readers = new EventReader[shapes.size()];
    Sums sums = new Sums();
    for (int id : events) {
      Shape shape = shapes.get(id);
      if (writers[id] == null) {
        writers[id] = new EventWriter(shape, columns, rooms);
        if (shape.slots().stream().allMatch(Shape.Slot::isOneValue)) readers[id] = new EventReader(shape, columns, writers[id], sections.eventBytesMax);
      }
      if (readers[id] == null) {
        sums.add(writers[id].next(), rooms.event.size());
        read.add(EventParser.parse(rooms.event.copy(), sections.eventBytesMax));
      } else {
        Event event = readers[id].next();
        sums.add(readers[id].original, readers[id].bytes);
        read.add(event);
      }
    }
    sums.check();
    return read;
  }

  /** What the events come to, against what the header says. */
  private final class Sums {
    private final CRC32C crc = new CRC32C();
    private long bytes, originals;

    /** @param original null: it has none. @param size of its LogEvent */
    void add(Slice original, int size) {
      if (original != null) {
        originals += original.size();
        crc.update(original.bytes(), original.from(), original.size());
      }
      bytes += size;
      if (bytes > sections.decodedBytes) throw new FrameException("its events are larger than its header says");
    }

    void check() {
      if (bytes != sections.decodedBytes) throw new FrameException("its events are not as large as its header says");
      if (originals != sections.originalBytes || (int) crc.getValue() != sections.originalCrc)
        throw new FrameException("the originals are not those it was made of");
    }
  }
}
