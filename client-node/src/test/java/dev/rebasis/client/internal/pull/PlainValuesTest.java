package dev.rebasis.client.internal.pull;

import static dev.rebasis.client.internal.Samples.attribute;
import static dev.rebasis.client.internal.Samples.tx;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.ValueType;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a text names does not depend on what the process has read before. Method: an index that is asked before its page is read. */
class PlainValuesTest {
  private static final long CODE = 100;
  private static final long PRODUCT = 1L << 45;

  /** One fact, whose keyword is met when it is read, not before. */
  private record OnAPage(Schema schema, String code) implements DatomSource {
    @Override
    public Iterable<Datom> datoms(IndexOrder order, Object... components) {
      Datom fact = new Datom(PRODUCT, CODE, Keyword.of(code), 1L << 44, true);
      boolean same = Arrays.asList(components).equals(List.of(fact.a(), fact.v()));
      return order == IndexOrder.AVET && same ? List.of(fact) : List.of();
    }

    @Override
    public Iterable<Datom> seek(IndexOrder order, Object... components) {
      throw new UnsupportedOperationException("nothing seeks here");
    }

    @Override
    public long estimate(IndexOrder order, Object... components) {
      return 1;
    }
  }

  private static OnAPage page(String code) {
    return new OnAPage(Schema.EMPTY.with(tx(1_000, attribute(CODE, ":product/code", ValueType.KEYWORD, "identity")).datoms()), code);
  }

  @Test
  void aTextFindsAKeywordThatNobodyHasReadYet() {
    String code = ":code-of-this-test/never-read";
    assertThat(Keyword.known(code)).isNull();
    assertThat(PlainValues.entity(page(code), List.of(":product/code", code))).isEqualTo(PRODUCT);
  }

  @Test
  void aTextWithWhiteSpaceNamesNothing() {
    assertThat(PlainValues.entity(page(":a"), List.of(":product/code", ":a b"))).isNull();
  }
}
