package dev.rebasis.client.wiring;

import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import java.io.IOException;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * A load over HTTP: messages in CBOR, each behind its length, compressed ({@link Compression}).
 * One of OkHttp's threads reads, and waits when no more messages are wanted: then TCP holds the server back. Thread-safe.
 */
final class HttpLoad implements Transport.Load, Callback {
  private static final Keyword FAILED = Keyword.of(":rebasis.error/load-failed");
  private static final int BYTES_MAX = Limits.client().receiveBytesMax();

  private final URI server;
  private final Transport.LoadListener listener;
  private final Semaphore wanted = new Semaphore(0);
  private volatile boolean cancelled;
  private volatile Call call;

  HttpLoad(URI server, Transport.LoadListener listener) {
    this.server = server;
    this.listener = listener;
  }

  void begin(Call newCall) {
    call = newCall;
    newCall.enqueue(this);
  }

  @Override
  public void more() {
    wanted.release();
  }

  @Override
  public void cancel() {
    cancelled = true;
    call.cancel();
    wanted.release();
  }

  @Override
  public void onFailure(Call failed, IOException cause) {
    fail("it cannot be reached: " + cause.getMessage(), cause, 0);
  }

  @Override
  public void onResponse(Call answered, Response response) throws IOException {
    try (response) {
      if (response.code() != 200) {
        String text = response.peekBody(1_000).string();
        fail("it answers with HTTP status " + response.code() + ": " + text, null, Refusals.retryAfterMillis(response));
        return;
      }
      try (BufferedSource body = Compression.body(response)) {
        read(body);
      }
    } catch (IOException e) {
      fail("the stream was cut: " + e.getMessage(), e, 0);
    }
  }

  private void read(BufferedSource body) throws IOException {
    while (!body.exhausted()) {
      int length = body.readInt();
      if (length < 0 || length > BYTES_MAX) {
        throw new IOException("a message says that it has " + length + " bytes");
      }
      byte[] message = body.readByteArray(length);
      wanted.acquireUninterruptibly();
      if (cancelled) {
        return;
      }
      listener.received(message);
    }
  }

  private void fail(String why, IOException cause, long retryAfterMillis) {
    if (!cancelled) {
      Map<Keyword, Object> data = new HashMap<>(RebasisException.comeBackIn(retryAfterMillis));
      data.put(Keyword.of(":server"), server.toString());
      listener.failed(new RebasisException(FAILED, ErrorCategory.RETRY_LATER,
          "Loading from " + server + " failed, for " + why + ". The client goes on from where it was.", data, cause));
    }
  }
}
