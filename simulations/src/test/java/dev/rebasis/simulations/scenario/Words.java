package dev.rebasis.simulations.scenario;

/** The words of a step, taken one by one; what follows may be EDN. Confined. */
final class Words {
  private final String text;
  private int at;

  Words(String text) {
    this.text = text.strip();
  }

  boolean isEmpty() {
    return at >= text.length();
  }

  String peek() {
    int end = text.indexOf(' ', at);
    return text.substring(at, end < 0 ? text.length() : end);
  }

  String next() {
    if (isEmpty()) {
      throw new IllegalArgumentException("a word is missing at the end of: " + text);
    }
    String word = peek();
    at += word.length();
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return word;
  }

  void expect(String word) {
    String found = next();
    if (!found.equals(word)) {
      throw new IllegalArgumentException("'" + word + "' was expected, not '" + found + "' in: " + text);
    }
  }

  String rest() {
    String rest = text.substring(at);
    at = text.length();
    return rest;
  }
}
