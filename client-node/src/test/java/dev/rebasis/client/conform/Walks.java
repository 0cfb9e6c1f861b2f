package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.List;
import java.util.Random;

/** Random walks over indexes and the log, see {@link Questions}. Confined. */
final class Walks {
  private final Random random;
  private final GeneratedSchema schema;
  private final Forms forms;
  private final Questions questions;
  private final boolean ordered;

  Walks(Random random, GeneratedSchema schema, Forms forms, Questions questions, boolean ordered) {
    this.random = random;
    this.schema = schema;
    this.forms = forms;
    this.questions = questions;
    this.ordered = ordered;
  }

  /** The next question. */
  String next() {
    String view = questions.view(false);
    if (view.contains("(with ")) {
      return "[:datoms " + view + components(true) + "]"; // what is tried has no ids yet that could be sorted
    }
    if (!ordered) {
      return switch (random.nextInt(4)) {
        case 0 -> range(view);
        case 1 -> "[:datoms " + view + components(true) + "]";
        default -> values(view);
      };
    }
    return switch (random.nextInt(8)) {
      case 6 -> "[:txRange " + bound() + " " + bound() + "]";
      case 7 -> values(view);
      case 0 -> range(view);
      case 1 -> "[:seek " + view + components(false) + "]";
      case 2 -> "[:rseek " + view + components(false) + "]";
      case 3 -> indexPull();
      default -> "[:datoms " + view + components(false) + "]";
    };
  }

  private String bound() {
    return chance(25) ? "nil" : questions.moment();
  }

  /** Values in the order of an index, both ways: they have one also where entities have other ids. */
  private String values(String view) {
    Attr a = any(schema.all());
    boolean pull = chance(30);
    // The values of a cardinality one attribute are pulled one by one.
    while (a.isOrderedByIds() || a.kind() == Kind.BYTES || pull && a.many()) {
      a = any(schema.all());
    }
    String v = chance(60) ? " " + forms.present(a) : "";
    String walk = chance(50) ? "[:valuesSeek " : "[:valuesRseek ";
    if (pull) {
      return "[:valuesPull (db) {:index :avet :selector [" + a.ident() + "] :start [" + a.ident() + v + "]"
          + (chance(50) ? " :reverse true" : "") + "}]";
    }
    return chance(60) ? walk + view + " :avet " + a.ident() + v + "]"
        : walk + view + " :eavt " + forms.named() + " " + a.ident() + v + "]";
  }

  private String range(String view) {
    Attr a = any(schema.all());
    boolean plain = !a.isOrderedByIds();
    String start = plain && chance(70) ? forms.present(a) : "nil";
    String end = plain && chance(70) ? forms.present(a) : "nil";
    return "[:range " + view + " " + a.ident() + " " + start + " " + end + "]";
  }

  private String indexPull() {
    Attr a = any(schema.all());
    boolean byValue = chance(60);
    return "[:indexPull (db) {:index " + (byValue ? ":avet" : ":aevt") + " :selector " + questions.pattern(2) + " :start [" + a.ident()
        + (byValue && !a.isOrderedByIds() && chance(50) ? " " + forms.present(a) : "") + "]" + (chance(40) ? " :reverse true" : "")
        + "}]";
  }

  // The whole index is only read in order: it is longer than what is compared.
  private String components(boolean some) {
    Attr a = chance(70) ? schema.any() : any(schema.all());
    String v = a.isRef() ? forms.named() : forms.present(a);
    String e = forms.named();
    int count = (some ? 1 : 0) + random.nextInt(3);
    List<String> all;
    String index;
    switch (random.nextInt(4)) {
      case 0 -> {
        index = ":eavt";
        all = List.of(e, a.ident(), v);
      }
      case 1 -> {
        index = ":aevt";
        all = List.of(a.ident(), e, v);
      }
      case 2 -> {
        index = ":avet";
        all = List.of(a.ident(), v, e);
      }
      default -> {
        index = ":vaet";
        all = List.of(e, schema.anyRef().ident(), forms.named());
      }
    }
    return " " + index + " " + String.join(" ", all.subList(0, Math.min(count, a.kind() == Kind.BYTES ? 1 : 3)));
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
