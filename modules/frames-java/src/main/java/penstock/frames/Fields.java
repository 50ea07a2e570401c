package penstock.frames;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Some fields of events, by name: {@code fields.of("host.hostname").text(event)}. */
public final class Fields {
  /** A name that was asked for; {@code known} null: ECS has none of that name, so only attributes may have it. */
  record Wanted(String name, EcsField known, Field field) {}

  private final int events;
  private final Map<String, Wanted> byName = new LinkedHashMap<>();
  private final Map<Integer, Wanted> byNumber = new HashMap<>();

  Fields(int events, String... names) {
    this.events = events;
    for (String name : names) {
      EcsField known = EcsField.of(name);
      Wanted wanted = new Wanted(name, known, new Field(name, known != null && known.repeated(), events));
      if (byName.putIfAbsent(name, wanted) == null && known != null) byNumber.put(known.number(), wanted);
    }
  }

  /** How many events there are; they count from 0 on. */
  public int events() {
    return events;
  }

  /** @throws IllegalArgumentException when that name was not asked for */
  public Field of(String name) {
    Wanted wanted = byName.get(name);
    if (wanted == null) throw new IllegalArgumentException(name + " was not read; there are " + String.join(", ", byName.keySet()));
    return wanted.field();
  }

  List<Wanted> wanted() {
    return new ArrayList<>(byName.values());
  }

  /** null: not asked for. */
  Wanted field(int number) {
    return byNumber.get(number);
  }

  /** null: not asked for. */
  Wanted attribute(String name) {
    return byName.get(name);
  }

  Fields ended() {
    for (Wanted wanted : byName.values()) wanted.field().end();
    return this;
  }
}
