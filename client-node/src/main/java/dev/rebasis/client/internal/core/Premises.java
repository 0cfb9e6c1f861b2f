package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.Queries;
import dev.rebasis.client.internal.db.TracedSource;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.PremiseCheck;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.QueryGuard;
import dev.rebasis.protocol.Terms.Premise;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Answers the queries of premises on this client: now, and as it would be without what others changed since, as the server
 * does, and predicts by comparing these two. The answer that the author saw would not do: it may hold local ids, and it may have changed
 * through the client's own earlier transactions alone, which came out otherwise than they did at first. A digest of it is kept
 * and sent all the same, so that whoever looks into a transaction can tell what its author relied on. Immutable.
 */
final class Premises implements PremiseCheck {
  private static final String UNKNOWN = "";

  private final Queries queries;

  Premises(Queries queries) {
    this.queries = queries;
  }

  /** A premise with the answer as of now. Throws if no server would answer it. */
  Premise answered(Object query, List<Object> inputs, DatabaseValue now) {
    List<Object> plain = PremiseInputs.plain(inputs);
    String fault = QueryGuard.faultOfPremise(query, plain);
    if (fault != null) {
      throw new RebasisException(Keyword.of(":rebasis.error/premise-refused"), ErrorCategory.PROGRAMMING_ERROR, fault);
    }
    return new Premise(query, plain, digest(answer(query, plain, now, now.localIds())));
  }

  /** The same with the answer as of now. */
  Premise again(Premise premise, DatabaseValue now) {
    return new Premise(premise.query(), premise.inputs(),
        digest(answer(premise.query(), premise.inputs(), now, now.localIds())));
  }

  @Override
  public Broken check(Premise premise, FactView now, LocalIds ids) {
    return check(premise, now, ids, RemoteChanges.NONE);
  }

  @Override
  public Broken check(Premise premise, FactView now, LocalIds ids, RemoteChanges remote) {
    // Answered also where nobody else wrote: what it reads is what the transaction stands on.
    Object after = answer(premise.query(), premise.inputs(), now, ids);
    if (remote.isEmpty()) {
      return null;
    }
    Object before = answer(premise.query(), premise.inputs(), new WithoutOthers(now, remote), ids);
    return Objects.equals(before, after) ? null : new Broken(before, after);
  }

  private Object answer(Object query, List<Object> inputs, FactView now, LocalIds ids) {
    List<Object> all = new ArrayList<>();
    all.add(new TracedSource(now));
    all.addAll(PremiseInputs.resolved(inputs, ids));
    return queries.query(query, all);
  }

  private static String digest(Object answer) {
    StringBuilder text = new StringBuilder();
    if (!write(answer, text)) {
      return UNKNOWN;
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Writes an answer so that equal answers are equal texts; false if it holds a local id, or may hold one. */
  private static boolean write(Object answer, StringBuilder text) {
    if (answer instanceof Long n && n < 0) {
      return false;
    }
    if (answer instanceof Set<?> set) {
      TreeSet<String> sorted = new TreeSet<>();
      for (Object element : set) {
        StringBuilder one = new StringBuilder();
        if (!write(element, one)) {
          return false;
        }
        sorted.add(one.toString());
      }
      text.append(sorted);
      return true;
    }
    if (answer instanceof Map<?, ?> map) {
      return write(map.entrySet().stream().map(entry -> List.of(entry.getKey(), entry.getValue()))
          .collect(Collectors.toSet()), text.append('m'));
    }
    if (answer instanceof List<?> list) {
      text.append('[');
      for (Object element : list) {
        if (!write(element, text)) {
          return false;
        }
        text.append(' ');
      }
      text.append(']');
      return true;
    }
    text.append(Edn.write(answer));
    return true;
  }
}
