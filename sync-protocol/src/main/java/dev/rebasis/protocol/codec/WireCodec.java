package dev.rebasis.protocol.codec;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.TSFBuilder;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.cbor.CBORFactory;

/**
 * Messages to bytes and back: JSON, which people can read, or CBOR, which is smaller and faster. Thread-safe; callers may
 * share it.
 *
 * <p>Every value comes back as it went, its Java type included. What comes in from outside is held to the
 * {@link Limits}; whatever it is, {@code decode} returns a message or throws a {@link ProtocolException}.
 *
 * <p>Both formats go through the same readers and writers over Jackson's streaming API with one configuration. Its
 * ObjectMapper is not used: it costs a client's start more than all of these messages, and checks less.
 */
public final class WireCodec {
  private final TokenStreamFactory factory;
  private final boolean text;
  private final Limits limits;

  private WireCodec(TSFBuilder<?, ?> builder, boolean text, Limits limits) {
    this.limits = Objects.requireNonNull(limits, "limits");
    this.text = text;
    this.factory = builder
        // Names come from outside: Java's table of interned strings is no place for them.
        .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
        .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
        .streamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(limits.depthMax())
            .maxTokenCount(limits.itemsMax())
            .maxStringLength(limits.stringCharsMax())
            .maxNumberLength(limits.digitsMax())
            // A name may be spelled in base64 or in bytes of UTF-8.
            .maxNameLength(4 * limits.nameCharsMax() + 16)
            .build())
        .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(limits.depthMax()).build())
        .build();
  }

  /** A codec for JSON. */
  public static WireCodec json(Limits limits) {
    return new WireCodec(JsonFactory.builder(), true, limits);
  }

  /** A codec for CBOR. */
  public static WireCodec cbor(Limits limits) {
    return new WireCodec(CBORFactory.builder(), false, limits);
  }

  /** Whether the bytes are text (UTF-8), to be sent as a text message. */
  public boolean isText() {
    return text;
  }

  /** The limits that this codec holds to. */
  public Limits limits() {
    return limits;
  }

  /**
   * Writes a message.
   *
   * @throws ProtocolException if a value cannot be sent ({@link ProtocolException#UNSENDABLE}), or the message has more
   *     bytes than may be sent ({@link ProtocolException#TOO_LARGE}; split it, if it has several elements)
   */
  public byte[] encode(Message message) {
    BoundedOutput bytes = new BoundedOutput(limits.sendBytesMax());
    try (JsonGenerator out = factory.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
      new MessageWriter(out, text, limits).write(message);
    } catch (JacksonException e) {
      throw new ProtocolException(ProtocolException.UNSENDABLE,
          "The message " + message.type() + " cannot be written: " + e.getOriginalMessage(), Map.of(), e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads a message.
   *
   * @throws ProtocolException if it is none ({@link ProtocolException#MALFORMED}), of a type that this version does not
   *     know ({@link ProtocolException#UNKNOWN_TYPE}), or beyond a limit ({@link ProtocolException#TOO_LARGE})
   */
  public Message decode(byte[] bytes) {
    return decode(bytes, 0, bytes.length);
  }

  /**
   * Reads a message from a part of an array.
   *
   * @throws ProtocolException as {@link #decode(byte[])}
   */
  public Message decode(byte[] bytes, int offset, int length) {
    checkLength(length);
    if (!text) {
      try {
        CborGuard.check(bytes, offset, length);
      } catch (WireFault e) {
        throw fault(e.code(), e.getMessage(), 0, null);
      }
    }
    return decode(() -> factory.createParser(ObjectReadContext.empty(), bytes, offset, length));
  }

  /**
   * Reads a message from a text; only for JSON.
   *
   * @throws ProtocolException as {@link #decode(byte[])}; also if this codec is not for JSON
   */
  public Message decode(String message) {
    if (!text) {
      throw new ProtocolException(ProtocolException.MALFORMED,
          "A text came where bytes of CBOR are spoken: send binary messages, or agree on JSON.");
    }
    checkLength(message.length());
    return decode(() -> factory.createParser(ObjectReadContext.empty(), message));
  }

  private void checkLength(int length) {
    if (length > limits.receiveBytesMax()) {
      throw new ProtocolException(ProtocolException.TOO_LARGE, "A message has " + length + " bytes; at most "
          + limits.receiveBytesMax() + " are read. Send less at once.");
    }
  }

  private Message decode(Supplier<JsonParser> parsers) {
    try (JsonParser in = parsers.get()) {
      return decode(in, parsers);
    } catch (JacksonException e) {
      // Only the opening of the parser is left to fail here.
      throw fault(ProtocolException.MALFORMED, e.getOriginalMessage(), 0, e);
    }
  }

  private Message decode(JsonParser in, Supplier<JsonParser> parsers) {
    try {
      MessageReader reader = new MessageReader(in, text, limits);
      String type = reader.firstType();
      return type != null ? reader.fields(type) : decodeTypeLater(reader.laterType(), parsers);
    } catch (WireFault e) {
      throw fault(e.code(), e.getMessage(), offset(in), null);
    } catch (StreamConstraintsException e) {
      throw fault(ProtocolException.TOO_LARGE, e.getOriginalMessage(), offset(in), e);
    } catch (JacksonException e) {
      throw fault(ProtocolException.MALFORMED, e.getOriginalMessage(), offset(in), e);
    } catch (RuntimeException e) {
      // Hostile bytes must not bring down a session through a fault of a library.
      if (e instanceof ProtocolException) {
        throw e;
      }
      throw fault(ProtocolException.MALFORMED, String.valueOf(e.getMessage()), offset(in), e);
    }
  }

  // Encoders that sort their fields put others before the type: read twice, the first time only for the type.
  private Message decodeTypeLater(String type, Supplier<JsonParser> parsers) {
    try (JsonParser again = parsers.get()) {
      MessageReader reader = new MessageReader(again, text, limits);
      reader.restart();
      return reader.fields(type);
    }
  }

  private static long offset(JsonParser in) {
    TokenStreamLocation location = in.currentLocation();
    return Math.max(0, Math.max(location.getByteOffset(), location.getCharOffset()));
  }

  private static ProtocolException fault(Keyword code, String what, long offset, Throwable cause) {
    String message = "A message cannot be read: " + what + " (at " + offset + ").";
    return new ProtocolException(code, message, Map.of(Keyword.of(":offset"), offset), cause);
  }

  /** Collects bytes up to a bound. */
  private static final class BoundedOutput extends ByteArrayOutputStream {
    private final int bytesMax;

    BoundedOutput(int bytesMax) {
      super(1024);
      this.bytesMax = bytesMax;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      if (size() + (long) length > bytesMax) {
        throw new ProtocolException(ProtocolException.TOO_LARGE,
            "A message has more than " + bytesMax + " bytes; send less at once.");
      }
      super.write(bytes, offset, length);
    }
  }
}
