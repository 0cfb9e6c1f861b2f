package dev.rebasis.edn;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import us.bpsm.edn.EdnException;
import us.bpsm.edn.EdnSyntaxException;
import us.bpsm.edn.TaggedValue;
import us.bpsm.edn.parser.CollectionBuilder;
import us.bpsm.edn.parser.Parseable;
import us.bpsm.edn.parser.Parser;
import us.bpsm.edn.parser.Parsers;

/** Runs the library over one text and turns its values into ours. Confined to one call. */
final class EdnReader {
  private static final Parser.Config CONFIG = EdnTags.putInto(Parsers.newParserConfigBuilder())
      .setListFactory(() -> new ListBuilder(EdnList::copyOf))
      .setVectorFactory(() -> new ListBuilder(Collections::unmodifiableList))
      .setSetFactory(SetBuilder::new)
      .setMapFactory(MapBuilder::new)
      .acceptUnicodeEscapesInStringLiterals(true)
      .build();

  private final String text;

  EdnReader(String text) {
    this.text = text;
  }

  Object readOne() {
    List<Object> values = readAll();
    if (values.size() != 1) {
      String message = values.isEmpty() ? "There is no value." : "There is more than one value.";
      throw dev.rebasis.edn.EdnException.at(
          text, text.length(), dev.rebasis.edn.EdnException.MALFORMED, message, null);
    }
    return values.get(0);
  }

  List<Object> readAll() {
    Source source = new Source(new EdnGuard(text).check());
    Parser parser = Parsers.newParser(CONFIG);
    List<Object> values = new ArrayList<>();
    try {
      for (Object v = parser.nextValue(source); v != Parser.END_OF_INPUT; v = parser.nextValue(source)) {
        values.add(convert(v));
      }
    } catch (EdnException | IllegalArgumentException | ArithmeticException e) {
      // The two last ones come from the constructors of numbers, keywords and so on.
      throw dev.rebasis.edn.EdnException.at(
          text, source.position, dev.rebasis.edn.EdnException.MALFORMED, e.getMessage(), e);
    }
    return Collections.unmodifiableList(values);
  }

  /** The library's keywords and symbols become ours. */
  static Object convert(Object value) {
    if (value instanceof us.bpsm.edn.Keyword keyword) {
      return Keyword.of(keyword.toString());
    }
    if (value instanceof us.bpsm.edn.Symbol symbol) {
      return Symbol.of(symbol.toString());
    }
    if (value instanceof TaggedValue tagged) {
      throw new EdnSyntaxException("The tag " + tagged.getTag() + " is not known.");
    }
    return value;
  }

  /** Text with a position, for the library. */
  private static final class Source implements Parseable {
    private final String text;
    private int position;

    Source(String text) {
      this.text = text;
    }

    @Override
    public int read() {
      return position < text.length() ? text.charAt(position++) : beyondEnd();
    }

    // The library hands the end back like a character.
    private int beyondEnd() {
      position = text.length() + 1;
      return END_OF_INPUT;
    }

    @Override
    public void unread(int ch) {
      position--;
    }

    @Override
    public void close() {
      // Nothing is open.
    }
  }

  private static final class ListBuilder implements CollectionBuilder {
    private final List<Object> elements = new ArrayList<>();
    private final Function<List<Object>, Object> finish;

    ListBuilder(Function<List<Object>, Object> finish) {
      this.finish = finish;
    }

    @Override
    public void add(Object element) {
      elements.add(convert(element));
    }

    @Override
    public Object build() {
      return finish.apply(elements);
    }
  }

  private static final class SetBuilder implements CollectionBuilder {
    private final Set<Object> elements = new LinkedHashSet<>();

    @Override
    public void add(Object element) {
      if (!elements.add(convert(element))) {
        throw new EdnSyntaxException("A set holds " + element + " twice.");
      }
    }

    @Override
    public Object build() {
      return Collections.unmodifiableSet(elements);
    }
  }

  private static final class MapBuilder implements CollectionBuilder {
    private final Map<Object, Object> entries = new LinkedHashMap<>();
    private Object key;
    private boolean hasKey;

    @Override
    public void add(Object element) {
      Object value = convert(element);
      if (!hasKey) {
        key = value;
      } else if (entries.containsKey(key)) {
        throw new EdnSyntaxException("A map holds the key " + key + " twice.");
      } else {
        entries.put(key, value);
      }
      hasKey = !hasKey;
    }

    @Override
    public Object build() {
      if (hasKey) {
        throw new EdnSyntaxException("A map's last key " + key + " has no value.");
      }
      return Collections.unmodifiableMap(entries);
    }
  }
}
