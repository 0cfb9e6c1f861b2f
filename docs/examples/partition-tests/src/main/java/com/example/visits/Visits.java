package com.example.visits;

import dev.rebasis.conflict.Meeting;
import dev.rebasis.conflict.Resolved;
import dev.rebasis.conflict.TransactionFunction;
import dev.rebasis.data.Keyword;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the program registers on its clients and its server: a schema, a policy and a transaction function. */
public final class Visits {
  private static final Keyword ADD = Keyword.of(":db/add");
  private static final Keyword STOCK = Keyword.of(":part/stock");

  /** {@code [:visits/use [:part/number "p"] 3]}: takes parts from the stock, never more than are there. */
  public static final TransactionFunction USE = (db, args) -> {
    Object part = args.get(0);
    long wanted = (Long) args.get(1);
    Long stock = (Long) db.value(part, ":part/stock");
    if (stock == null || stock < wanted) {
      throw new IllegalArgumentException("there are only " + stock + " left, not " + wanted);
    }
    return List.of(List.of(ADD, part, STOCK, stock - wanted));
  };

  private Visits() {}

  /** The policy {@code :visits/widest}: who changed a visit's time elsewhere meets us; both have to fit in. */
  public static Resolved widest(Meeting meeting) {
    if (meeting.local().isEmpty() || meeting.remote().isEmpty()) {
      return Resolved.values(meeting.local());
    }
    long local = (Long) meeting.local().get(0);
    long remote = (Long) meeting.remote().get(0);
    boolean begin = meeting.attribute().ident().name().equals("from");
    return Resolved.value(begin ? Math.min(local, remote) : Math.max(local, remote));
  }

  /** The schema, as the server is given it. */
  public static String schema() {
    try (InputStream text = Visits.class.getResourceAsStream("/visits.edn")) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("visits.edn cannot be read", e);
    }
  }
}
