package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Why an intent was parked or rejected. Immutable.
 *
 * @param code Datomic's code where there is one, else {@code :rebasis.error/...}
 * @param message in words, with the values found
 * @param data the offenders
 */
public record Reason(Keyword code, String message, Map<Keyword, Object> data) {
  /** Copies the map. */
  public Reason {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(message, "message");
    data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }
}
