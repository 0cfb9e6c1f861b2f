package dev.rebasis.server.wiring;

import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.Missing;
import dev.rebasis.server.internal.session.Visibility;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /db/{name}/snapshot?after=T}: what a client lacks, as a stream of messages. Each stream runs on one of
 * Jetty's threads and blocks there while its reader is slow; it holds one batch at a time, whatever the size of the
 * database. Thread-safe.
 */
final class LoadPages {
  private static final Logger LOG = LoggerFactory.getLogger(LoadPages.class);
  private static final int BATCH_DATOMS = 4_000;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final String CBOR = "application/vnd.rebasis.cbor-seq";
  private static final String JSON = "application/x-ndjson";

  /** Where what is missing comes from. */
  interface Source {
    /**
     * What is missing after a T, as far as somebody may see it.
     *
     * @param store the store that it is for: of what its session is to hold; null for all
     * @throws RebasisException for a wrong T
     */
    Missing after(long t, Access access, UUID store);
  }

  private final WireCodec cbor;
  private final WireCodec json;
  private final Source source;
  private final Supplier<Schema> schema;
  private final Places places;
  private final SlowReaders slow;

  /**
   * Makes the page.
   *
   * @param schema the newest schema, for any thread
   * @param loadsMax how many may run at once: each takes one of Jetty's threads and a good part of a processor
   * @param slow cuts off those who read too slowly
   */
  LoadPages(WireCodec cbor, WireCodec json, Source source, Supplier<Schema> schema, int loadsMax, SlowReaders slow) {
    this.places = new Places(loadsMax);
    this.slow = slow;
    this.schema = schema;
    this.cbor = cbor;
    this.json = json;
    this.source = source;
  }

  /** How many loads run now. */
  int running() {
    return places.taken();
  }

  /**
   * Serves one load.
   *
   * @param holds whether access is as it was when the request came; asked between batches, by any thread. If not, the load is
   *     cut, and whoever comes back is judged anew
   */
  void handle(Request request, Response response, Callback callback, Access access, BooleanSupplier holds) {
    long after;
    UUID store;
    try {
      after = after(request);
      store = store(request);
    } catch (IllegalArgumentException e) {
      Pages.error(response, callback, HttpStatus.BAD_REQUEST_400, ":rebasis.error/wrong-argument",
          "The parameter 'after' is a T, a number that is not negative, and is left out for everything; 'store' is the id of the store"
              + " that a session is for, a UUID, and is left out by tools.");
      return;
    }
    String full = places.take(access.userName());
    if (full != null) {
      response.getHeaders().put(HttpHeader.RETRY_AFTER, 2);
      Pages.error(response, callback, HttpStatus.SERVICE_UNAVAILABLE_503, ":rebasis.error/busy",
          "No place for another load: " + full + " that run already. Come back in 2 seconds.");
      return;
    }
    try (SlowReaders.Reader reader = slow.begin(request)) {
      stream(source.after(after, access, store), request, response, reader,
          new Visibility(access.hidden(), access.userName()), holds);
      callback.succeeded();
    } catch (RebasisException e) {
      Pages.refusal(response, callback, e.category() == ErrorCategory.RETRY_LATER ? HttpStatus.SERVICE_UNAVAILABLE_503
          : HttpStatus.CONFLICT_409, e);
    } catch (IOException e) {
      LOG.debug("A load was cut off: {}", e.toString());
      callback.failed(e);
    } finally {
      places.give(access.userName());
    }
  }

  /** The store that a client loads for; null if it does not say. */
  private static UUID store(Request request) {
    Fields.Field field = Request.extractQueryParameters(request).get("store");
    if (field == null) {
      return null;
    }
    if (!field.getValue().matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")) {
      throw new IllegalArgumentException("no id");
    }
    return UUID.fromString(field.getValue());
  }

  private static long after(Request request) {
    Fields.Field field = Request.extractQueryParameters(request).get("after");
    long after = field == null ? 0 : Long.parseLong(field.getValue());
    if (after < 0) {
      throw new NumberFormatException("negative");
    }
    return after;
  }

  private void stream(Missing missing, Request request, Response response, SlowReaders.Reader reader,
      Visibility visibility, BooleanSupplier holds) throws IOException {
    boolean asJson = String.valueOf(request.getHeaders().get(HttpHeader.ACCEPT)).contains("json");
    Packing packing = Packing.of(request.getHeaders().get(HttpHeader.ACCEPT_ENCODING));
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, asJson ? JSON : CBOR);
    response.getHeaders().put("Rebasis-T", missing.t());
    response.getHeaders().put("Rebasis-Datoms-Max", missing.datomsMax());
    if (packing != Packing.NONE) {
      response.getHeaders().put(HttpHeader.CONTENT_ENCODING, packing.encoding());
    }
    OutputStream plain = new BufferedOutputStream(
        reader.watched(Content.Sink.asOutputStream(response)), BUFFER_BYTES);
    try (DataOutputStream out = new DataOutputStream(
        packing == Packing.NONE ? plain : new BufferedOutputStream(packing.pack(plain), BUFFER_BYTES))) {
      write(missing, asJson, out, visibility, holds);
    }
  }

  private void write(Missing missing, boolean asJson, DataOutputStream out, Visibility visibility, BooleanSupplier holds)
      throws IOException {
    long follows = missing.afterT();
    List<Transaction> batch = new ArrayList<>();
    int datoms = 0;
    Schema newest = schema.get();
    for (Transaction whole : missing.transactions()) {
      Transaction transaction = visibility.of(whole, newest);
      batch.add(transaction);
      datoms += transaction.datoms().size();
      if (!holds.getAsBoolean()) {
        throw new IOException("access has changed meanwhile");
      }
      if (datoms >= BATCH_DATOMS) {
        write(new Message.Transactions(follows, batch, missing.t()), asJson, out);
        follows = transaction.t();
        batch = new ArrayList<>();
        datoms = 0;
      }
    }
    if (!batch.isEmpty()) {
      write(new Message.Transactions(follows, batch, missing.t()), asJson, out);
    }
    // The last message: without it the stream was cut.
    write(new Message.Basis(missing.t()), asJson, out);
  }

  private void write(Message message, boolean asJson, DataOutputStream out) throws IOException {
    if (asJson) {
      out.write(json.encode(message));
      out.write('\n');
    } else {
      byte[] bytes = cbor.encode(message);
      out.writeInt(bytes.length);
      out.write(bytes);
    }
    // A client can store what it has whole: after a cut it goes on with the message that is missing.
    out.flush();
  }
}
