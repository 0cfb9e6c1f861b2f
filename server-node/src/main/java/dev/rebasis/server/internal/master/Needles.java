package dev.rebasis.server.internal.master;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Strings that are looked for in texts, all of them at once: a text costs about its own length, however many they are. Filled
 * first, immutable afterwards.
 */
final class Needles {
  /** Each string is found by a beginning of one of these lengths, the longest that it has. */
  private static final int[] LENGTHS = {1, 2, 4, 8, 16, 32};
  /** Messages cut what is long, and end it with this. */
  private static final char CUT = '…';
  /** Fewer characters before a cut are met by chance. */
  private static final int CUT_MIN = 4;
  /** More characters than stand before a cut, each of them escaped twice. */
  private static final int CUT_MAX = 1_000;

  private final List<Map<String, List<String>>> byBeginning = new ArrayList<>();
  private final TreeSet<String> all = new TreeSet<>();

  Needles() {
    for (int i = 0; i < LENGTHS.length; i++) {
      byBeginning.add(new HashMap<>());
    }
  }

  /** Adds one; an empty one is in no text. */
  void add(String needle) {
    if (needle.isEmpty() || !all.add(needle)) {
      return;
    }
    int i = LENGTHS.length - 1;
    while (LENGTHS[i] > needle.length()) {
      i--;
    }
    byBeginning.get(i).computeIfAbsent(needle.substring(0, LENGTHS[i]), none -> new ArrayList<>()).add(needle);
  }

  /** Whether a text holds one of them. */
  boolean areIn(String text) {
    for (int i = 0; i < LENGTHS.length; i++) {
      if (byBeginning.get(i).isEmpty()) {
        continue;
      }
      for (int at = 0; at + LENGTHS[i] <= text.length(); at++) {
        int begin = at;
        List<String> candidates = byBeginning.get(i).getOrDefault(text.substring(at, at + LENGTHS[i]), List.of());
        if (candidates.stream().anyMatch(needle -> text.startsWith(needle, begin))) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether what was cut off in a text begins, before the cut, as one of them does. */
  boolean areCutIn(String text) {
    for (int cut = text.indexOf(CUT); cut >= 0; cut = text.indexOf(CUT, cut + 1)) {
      for (int from = cut - CUT_MIN; from >= Math.max(0, cut - CUT_MAX); from--) {
        String beginning = text.substring(from, cut);
        String next = all.ceiling(beginning);
        if (next != null && next.startsWith(beginning)) {
          return true;
        }
      }
    }
    return false;
  }
}
