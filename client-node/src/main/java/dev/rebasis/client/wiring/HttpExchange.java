package dev.rebasis.client.wiring;

import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;

/**
 * A connection made of plain HTTP requests, for networks that cut WebSockets: one request at a time posts what is to be
 * sent, another waits for what comes (docs/protocol.md, section 9). A request that fails ends the connection, as a cut does
 * a WebSocket; the session logic above brings everything again. OkHttp's threads call the listener. Thread-safe.
 */
final class HttpExchange implements Transport.Link {
  private static final MediaType CBOR = MediaType.get("application/vnd.rebasis.cbor-seq");
  private static final MediaType JSON = MediaType.get("application/x-ndjson");
  /** More than the server lets a request wait, and it answers in 20 s at the latest. */
  private static final Duration PATIENCE = Duration.ofSeconds(45);
  private static final int POST_BYTES_MAX = 1 << 20;
  private static final int QUEUE_BYTES_MAX = 16 << 20;
  private static final int MESSAGE_BYTES_MAX = Limits.client().receiveBytesMax();

  /** What it needs to know of its surroundings. */
  interface Host {
    /** The error for a request that failed; the response is null if there was none. */
    RebasisException failed(String doing, Response response, IOException cause);

    /** Something else answers. */
    RebasisException notAServer(String why);

    /** The server ended the session. */
    RebasisException over();

    /** Called now and then while the connection works. */
    void stillAlive(HttpExchange exchange);
  }

  private final OkHttpClient client;
  private final HttpUrl url;
  private final boolean text;
  private final Transport.Listener listener;
  private final Host host;
  // All guarded by this.
  private final ArrayDeque<byte[]> queue = new ArrayDeque<>();
  private long queuedBytes;
  private boolean posting;
  private boolean closing;
  private boolean ended;
  private long posts = 1;
  private long polls;
  private Call waiting;
  private volatile String session;
  private volatile int postBytesMax = POST_BYTES_MAX;

  /**
   * Makes a connection.
   *
   * @param url of the page {@code /exchange}
   * @param subprotocol which of the two forms messages have
   */
  HttpExchange(OkHttpClient client, String url, boolean text, Transport.Listener listener, Host host) {
    this.client = client.newBuilder().readTimeout(PATIENCE).writeTimeout(PATIENCE)
        .connectionPool(new ConnectionPool(2, 30, TimeUnit.SECONDS)).build();
    this.url = HttpUrl.get(url);
    this.text = text;
    this.listener = listener;
    this.host = host;
  }

  /** Asks for a session; returns at once. */
  void begin(String subprotocol) {
    call(request(url).post(RequestBody.create(new byte[0], text ? JSON : CBOR)).build(), "open a session", response -> {
      String id = response.header("Rebasis-Session");
      if (id == null) {
        fail(host.notAServer("it answers at " + url + " but begins no session"));
        return;
      }
      session = id;
      // The server takes a little more in one body than its largest message.
      postBytesMax = Math.min(POST_BYTES_MAX, Refusals.messageBytesMax(response));
      if (isOpen()) {
        listener.opened(subprotocol, Refusals.messageBytesMax(response));
        if (response.code() == 204) {
          poll();
        } else {
          took(response);
        }
      } else {
        end();
      }
    });
  }

  private static Request.Builder request(HttpUrl url) {
    return new Request.Builder().url(url);
  }

  private HttpUrl numbered(long number) {
    return url.newBuilder().addQueryParameter("session", session).addQueryParameter("n", Long.toString(number)).build();
  }

  // ---- out ----

  @Override
  public void send(byte[] message) {
    boolean full;
    synchronized (this) {
      if (ended || closing) {
        return;
      }
      full = queuedBytes + message.length > QUEUE_BYTES_MAX && queuedBytes > 0;
      if (!full) {
        queue.add(message);
        queuedBytes += message.length;
      }
    }
    if (full) {
      fail(host.failed("take what is to be sent", null, null));
    } else {
      post();
    }
  }

  private void post() {
    byte[] body;
    long number;
    synchronized (this) {
      if (posting || ended) {
        return;
      }
      if (queue.isEmpty() || session == null) {
        if (closing) {
          end();
        }
        return;
      }
      posting = true;
      number = ++posts;
      body = takeQueued();
    }
    call(request(numbered(number)).post(RequestBody.create(body, text ? JSON : CBOR)).build(), "send", response -> {
      synchronized (this) {
        posting = false;
      }
      post();
    });
  }

  private byte[] takeQueued() {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(body)) {
      while (!queue.isEmpty() && (body.size() == 0 || body.size() + queue.peek().length <= postBytesMax)) {
        byte[] message = queue.poll();
        queuedBytes -= message.length;
        if (text) {
          out.write(message);
          out.write('\n');
        } else {
          out.writeInt(message.length);
          out.write(message);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("an array in memory cannot be written", e);
    }
    return body.toByteArray();
  }

  @Override
  public void close(String reason) {
    synchronized (this) {
      closing = true;
    }
    post();
  }

  // ---- in ----

  private void poll() {
    long number;
    synchronized (this) {
      if (ended) {
        return;
      }
      number = ++polls;
    }
    host.stillAlive(this);
    call(request(numbered(number)).get().build(), "wait for messages", this::took);
  }

  private void took(Response response) throws IOException {
    BufferedSource body = response.body().source();
    while (!body.exhausted()) {
      byte[] message = text ? line(body) : record(body);
      if (isOpen()) {
        listener.received(message);
      }
    }
    if (response.header("Rebasis-Session-Over") != null) {
      fail(host.over());
    } else {
      poll();
    }
  }

  private static byte[] record(BufferedSource body) throws IOException {
    int length = body.readInt();
    if (length < 0 || length > MESSAGE_BYTES_MAX) {
      throw new IOException("a message says that it has " + length + " bytes");
    }
    return body.readByteArray(length);
  }

  private static byte[] line(BufferedSource body) throws IOException {
    byte[] line = body.readByteArray(body.indexOf((byte) '\n', 0, MESSAGE_BYTES_MAX));
    body.skip(1);
    return line;
  }

  private synchronized boolean isOpen() {
    return !ended && !closing;
  }

  // ---- both ----

  /** Gives the connection up, as if it were cut. */
  void leave(RebasisException why) {
    fail(why);
  }

  private interface Answered {
    void by(Response response) throws IOException;
  }

  private void call(Request request, String doing, Answered then) {
    Call call = client.newCall(request);
    synchronized (this) {
      if (ended) {
        return;
      }
      if (request.method().equals("GET")) {
        waiting = call;
      }
    }
    call.enqueue(new Callback() {
      @Override
      public void onFailure(Call failed, IOException cause) {
        fail(host.failed(doing, null, cause));
      }

      @Override
      public void onResponse(Call answered, Response response) {
        try (response) {
          if (response.isSuccessful()) {
            then.by(response);
          } else {
            fail(host.failed(doing, response, null));
          }
        } catch (IOException cause) {
          fail(host.failed(doing, null, cause));
        }
      }
    });
  }

  private void fail(RebasisException cause) {
    boolean tell;
    synchronized (this) {
      tell = !ended && !closing;
      end();
    }
    if (tell) {
      listener.closed(cause);
    }
  }

  private synchronized void end() {
    ended = true;
    queue.clear();
    if (waiting != null) {
      waiting.cancel();
    }
    client.connectionPool().evictAll();
  }
}
