package dev.rebasis.client.internal.pull;

import dev.rebasis.data.Symbol;
import java.util.function.UnaryOperator;

/** Where {@code :xform} finds its functions. Thread-safe. */
@FunctionalInterface
public interface Transforms {
  /**
   * The function with this name.
   *
   * @return a pure function, or null if there is none; its argument and result may be null
   */
  UnaryOperator<Object> find(Symbol name);
}
