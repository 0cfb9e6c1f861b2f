package dev.rebasis.error;

import dev.rebasis.data.Keyword;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * The root of all errors that Rebasis reports. The message is one sentence or two that name the cause and the way
 * out; {@link #data()} holds the offenders as data, so that programs need not parse the message. Immutable.
 */
public class RebasisException extends RuntimeException {
  /** In {@link #data()}, where the other side said so: after how many milliseconds (a long) to come back. */
  public static final Keyword RETRY_AFTER = Keyword.of(":rebasis.error/retry-after-millis");

  private final transient Keyword code;
  private final ErrorCategory category;
  private final transient Map<Keyword, Object> data;

  /**
   * Makes an error.
   *
   * @param code Datomic's code where Datomic has one ({@code :db.error/...}), else {@code :rebasis.error/...}
   * @param category what the caller can do
   * @param message cause and way out, in plain words
   * @param data the offenders, never null; nulls are allowed as values
   * @param cause the underlying error, or null
   */
  public RebasisException(
      Keyword code, ErrorCategory category, String message, Map<Keyword, Object> data, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
    this.category = Objects.requireNonNull(category, "category");
    this.data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }

  /** Makes an error without offenders and without a cause. */
  public RebasisException(Keyword code, ErrorCategory category, String message) {
    this(code, category, message, Map.of(), null);
  }

  /** The code, never null. */
  public final Keyword code() {
    return code;
  }

  /** What the caller can do, never null. */
  public final ErrorCategory category() {
    return category;
  }

  /** The offenders as data, unmodifiable, never null. */
  public final Map<Keyword, Object> data() {
    return data;
  }

  /**
   * What {@link #data()} holds where somebody is to come back.
   *
   * @param millis 0 if nobody said; then it is empty
   */
  public static Map<Keyword, Object> comeBackIn(long millis) {
    return millis > 0 ? Map.of(RETRY_AFTER, millis) : Map.of();
  }

  /**
   * After how long it is worth asking again, from when the error came.
   *
   * @return null if nobody said; then whoever tries again chooses a delay
   */
  public final Duration retryAfter() {
    return data.get(RETRY_AFTER) instanceof Long millis && millis > 0 ? Duration.ofMillis(millis) : null;
  }

  @Override
  public String toString() {
    return code + ": " + getMessage();
  }
}
