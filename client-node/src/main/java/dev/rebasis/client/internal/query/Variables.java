package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Gives each variable of one query its slot in the frame. Confined to one parse. */
final class Variables {
  private final Map<Symbol, Integer> slots = new HashMap<>();
  private final List<Symbol> names = new ArrayList<>();

  int slot(Symbol name) {
    return slots.computeIfAbsent(name, symbol -> {
      names.add(symbol);
      return names.size() - 1;
    });
  }

  List<Symbol> names() {
    return List.copyOf(names);
  }

  static boolean isVariable(Object form) {
    return form instanceof Symbol s && s.text().startsWith("?");
  }

  static boolean isSource(Object form) {
    return form instanceof Symbol s && s.text().startsWith("$");
  }

  static boolean isBlank(Object form) {
    return form instanceof Symbol s && s.text().equals("_");
  }
}
