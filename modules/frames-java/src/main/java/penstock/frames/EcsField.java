package penstock.frames;

import java.util.HashMap;
import java.util.Map;

/** A field of ECS as a LogEvent holds it. */
record EcsField(int number, Field.Type type, boolean repeated) {
  private static final Map<String, EcsField> BY_NAME = new HashMap<>();

  static {
    for (String part : EcsTable.PARTS) {
      for (String entry : part.split(",")) {
        String[] words = entry.split(" ");
        char kind = words[2].charAt(0);
        BY_NAME.put(words[0], new EcsField(Integer.parseInt(words[1]), type(Character.toLowerCase(kind)), Character.isUpperCase(kind)));
      }
    }
  }

  /** null: ECS has none of that name. */
  static EcsField of(String name) {
    return BY_NAME.get(name);
  }

  static Map<String, EcsField> all() {
    return Map.copyOf(BY_NAME);
  }

  /** The kind of slot (docs/reference/frames.md) that has its values. */
  int slotKind() {
    return switch (type) {
      case INTEGER -> 1;
      case DATE, DOUBLE -> Shape.FIXED64;
      case BOOLEAN -> 3;
      default -> 0;
    };
  }

  /** The wire type that has its values in a LogEvent. */
  int wire() {
    return switch (slotKind()) {
      case 0 -> 2;
      case Shape.FIXED64 -> 1;
      default -> 0;
    };
  }

  private static Field.Type type(char kind) {
    return switch (kind) {
      case 's' -> Field.Type.TEXT;
      case 'j' -> Field.Type.JSON;
      case 'i' -> Field.Type.INTEGER;
      case 'f' -> Field.Type.DOUBLE;
      case 'b' -> Field.Type.BOOLEAN;
      case 'd' -> Field.Type.DATE;
      default -> Field.Type.BYTES;
    };
  }
}
