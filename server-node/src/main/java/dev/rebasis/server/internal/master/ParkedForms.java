package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What was pushed of a parked transaction, as the text that stands in the database. Pure functions. */
final class ParkedForms {
  private static final Keyword FORMS = Keyword.of(":forms");
  private static final Keyword TEMPIDS = Keyword.of(":tempids");

  private ParkedForms() {}

  static String write(Intent intent) {
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(FORMS, intent.forms());
    map.put(TEMPIDS, intent.tempids());
    return Edn.write(map);
  }

  /**
   * The transaction to be decided again, on the newest T and on no other terms than that it takes up the parked one.
   *
   * @param text as {@link #write} made it
   * @param retries the parked one's id
   * @param group its place among those that it is made together with, or null
   */
  static Intent read(String text, UUID id, long seq, long basisT, Instant now, UUID retries, Terms.Group group) {
    Map<?, ?> map = (Map<?, ?>) Edn.read(text);
    Map<String, Long> tempids = new LinkedHashMap<>();
    ((Map<?, ?>) map.get(TEMPIDS)).forEach((name, number) -> tempids.put((String) name, (Long) number));
    List<Object> forms = new ArrayList<>((List<?>) map.get(FORMS));
    return new Intent(id, seq, basisT, now, forms, tempids,
        new Terms(Map.of(), List.of(), List.of(), List.of(), group, null, retries));
  }
}
