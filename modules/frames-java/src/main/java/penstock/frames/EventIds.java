package penstock.frames;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The column of event ids (docs/reference/frames.md, id runs). */
final class EventIds {
  private static final VarHandle HEAD = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Bytes runs;
  private long node, boot, ring, chunk, index, left;

  EventIds(Sections sections, int count) {
    Bytes head = sections.head;
    int size = head.varintInt(count);
    int start = head.at;
    runs = new Bytes(head.slice(head.left()));
    head.at = start;
    long total = 0;
    for (int run = 0; run < size; run++) {
      readRun(head);
      total += left;
      if (left == 0 || total > count) throw new FrameException("runs that are too short or too long");
    }
    if (total != count) throw new FrameException("runs that are too short");
    chunk = left = 0;
  }

  private void readRun(Bytes in) {
    node = in.varint(0xffffffffL);
    boot = in.varint(0xffffffffL);
    ring = in.varint(0xffff);
    chunk += in.zigzag();
    index = in.varint(0xffffff);
    left = in.varint(Integer.MAX_VALUE);
  }

  /** 18 bytes: node, boot, ring, chunk (40 bits), index (24 bits), big-endian. */
  Slice next() {
    if (left == 0) readRun(runs);
    left--;
    byte[] id = new byte[18];
    HEAD.set(id, 0, node << 32 | boot);
    id[8] = (byte) (ring >> 8);
    id[9] = (byte) ring;
    HEAD.set(id, 10, chunk << 24 | index++ & 0xffffff);
    return Slice.of(id);
  }
}
