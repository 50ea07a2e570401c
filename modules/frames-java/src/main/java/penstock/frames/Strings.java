package penstock.frames;

import java.nio.charset.StandardCharsets;

/** Strings of texts that often are the same part of the frame: those of late are kept. */
final class Strings {
  private static final int KEPT = 256;

  private final String[] strings = new String[KEPT];
  private final Slice[] texts = new Slice[KEPT];

  String of(Slice text) {
    int place = (text.from() * 0x9e3779b9) >>> 24;
    Slice known = texts[place];
    if (known != null && known.from() == text.from() && known.size() == text.size() && known.bytes() == text.bytes()) return strings[place];
    texts[place] = text;
    return strings[place] = new String(text.bytes(), text.from(), text.size(), StandardCharsets.UTF_8);
  }
}
