package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A database with random facts of many types from small domains, so that joins find something. Made from a seed. */
final class GeneratedData implements AutoCloseable {
  /** The value types that the generator knows, with how a random value is written in EDN. */
  enum Kind { ENTITY, STRING, LONG, INSTANT, KEYWORD, BOOLEAN, DOUBLE, BIG }

  /** An attribute of the generated schema. */
  record Attr(String ident, String type, Kind kind, boolean many, boolean indexed) {}

  static final List<Attr> ATTRIBUTES = List.of(
      new Attr(":d/s", "string", Kind.STRING, false, false),
      new Attr(":d/si", "string", Kind.STRING, false, true),
      new Attr(":d/l", "long", Kind.LONG, false, false),
      new Attr(":d/li", "long", Kind.LONG, false, true),
      new Attr(":d/lm", "long", Kind.LONG, true, false),
      new Attr(":d/sm", "string", Kind.STRING, true, true),
      new Attr(":d/i", "instant", Kind.INSTANT, false, true),
      new Attr(":d/k", "keyword", Kind.KEYWORD, false, false),
      new Attr(":d/b", "boolean", Kind.BOOLEAN, false, false),
      new Attr(":d/f", "double", Kind.DOUBLE, false, false),
      new Attr(":d/g", "bigint", Kind.BIG, false, true),
      new Attr(":d/r", "ref", Kind.ENTITY, false, false),
      new Attr(":d/rm", "ref", Kind.ENTITY, true, false));
  static final int IDENTS = 3;

  private static final int TRANSACTIONS = 5;

  final int entities;
  final Oracle oracle = new Oracle();
  final DatomSource source;
  final List<Long> ids = new ArrayList<>();

  GeneratedData(Random random) {
    entities = 4 + random.nextInt(30);
    StringBuilder schema = new StringBuilder("[{:db/ident :d/key :db/valueType :db.type/string"
        + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}");
    for (Attr a : ATTRIBUTES) {
      schema.append(" {:db/ident ").append(a.ident).append(" :db/valueType :db.type/").append(a.type)
          .append(" :db/cardinality :db.cardinality/").append(a.many ? "many" : "one")
          .append(" :db/index ").append(a.indexed).append("}");
    }
    oracle.transact(schema.append("]").toString());
    oracle.transact("[{:db/ident :i/x0} {:db/ident :i/x1} {:db/ident :i/x2}]");
    for (int t = 0; t < TRANSACTIONS; t++) {
      oracle.transact(facts(random));
    }
    source = oracle.source();
    source.datoms(IndexOrder.AEVT, source.schema().entid(Keyword.of(":d/key"))).forEach(d -> ids.add(d.e()));
  }

  // Later transactions replace values of earlier ones.
  private String facts(Random random) {
    StringBuilder tx = new StringBuilder("[");
    for (int e = 0; e < entities; e++) {
      tx.append("{:db/id \"e").append(e).append("\" :d/key \"k").append(e).append("\"");
      for (Attr a : ATTRIBUTES) {
        if (random.nextInt(100) < 30) {
          String value = a.kind == Kind.ENTITY ? "\"e" + random.nextInt(entities) + "\"" : value(a.kind, random);
          tx.append(' ').append(a.ident).append(' ').append(a.many ? "[" + value + "]" : value);
        }
      }
      tx.append('}');
    }
    return tx.append(']').toString();
  }

  /** A random value that is no entity, as EDN. */
  static String value(Kind kind, Random random) {
    int n = random.nextInt(6);
    return switch (kind) {
      case STRING -> "\"" + "abcdef".charAt(n) + "\"";
      case LONG -> Integer.toString(n - 1);
      case INSTANT -> "#inst \"200" + n + "-01-01T00:00:00.000-00:00\"";
      case KEYWORD -> ":k/" + "abcdef".charAt(n);
      case BOOLEAN -> n % 2 == 0 ? "true" : "false";
      case DOUBLE -> n + ".5";
      case BIG -> n + "N";
      case ENTITY -> throw new IllegalArgumentException("Entities have ids.");
    };
  }

  /** A key that no entity has. */
  String keyOfNoEntity() {
    return "k" + entities;
  }

  @Override
  public void close() {
    oracle.close();
  }
}
