package penstock.frames;

import java.util.ArrayList;
import java.util.List;

/** A template: what is the same in all of its texts, and the columns of what stands between. Short columns that are constant are part of the former. */
final class Template {
  /** Longer texts are copied from where they stand, so that literals are bounded by the frame. */
  private static final int CONSTANT_MAX = 32;

  private static final Slice NOTHING = new Output(0).taken();

  /** Before each variable, and behind the last one. */
  private final Slice[] literals;
  private final Texts[] variables;
  private final List<Texts> constants = new ArrayList<>();
  private int uses;

  /** Of parts: a literal, or null where the variable of that number stands, from 1 on. */
  Template(Slice[] parts, int[] variableOf, Texts[] columns) {
    List<Slice> between = new ArrayList<>();
    List<Texts> varying = new ArrayList<>();
    Output literal = new Output(Integer.MAX_VALUE);
    for (int p = 0; p < parts.length; p++) {
      Texts variable = parts[p] == null ? columns[variableOf[p] - 1] : null;
      if (variable == null) {
        literal.append(parts[p]);
      } else if (variable.always != null && variable.always.size() <= CONSTANT_MAX) {
        literal.append(variable.always);
        constants.add(variable);
      } else {
        between.add(literal.size() == 0 ? NOTHING : literal.taken());
        varying.add(variable);
      }
    }
    between.add(literal.size() == 0 ? NOTHING : literal.taken());
    literals = between.toArray(new Slice[0]);
    variables = varying.toArray(new Texts[0]);
  }

  /** Appends the next text of it. */
  void append(Output room) {
    uses++;
    for (int v = 0; v < variables.length; v++) {
      room.append(literals[v]);
      variables[v].append(room);
    }
    room.append(literals[variables.length]);
  }

  /** When it has given all of its texts. @throws FrameException when a constant has fewer values than they took */
  void checkConstants() {
    for (Texts constant : constants) constant.pass(uses);
  }
}
