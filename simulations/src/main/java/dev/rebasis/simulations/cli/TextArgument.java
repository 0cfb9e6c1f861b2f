package dev.rebasis.simulations.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/** An argument that is a text, the name of a file with the text, or a sign for standard input. */
final class TextArgument {
  private static final Keyword UNREADABLE = Keyword.of(":rebasis.error/unreadable-input");

  private TextArgument() {}

  /**
   * Gives the text.
   *
   * @param argument the text itself, {@code @FILE}, or {@code -}
   * @param in standard input, read to its end for {@code -}
   * @throws RebasisException if it cannot be read or is not UTF-8
   */
  static String read(String argument, InputStream in) {
    if (!argument.equals("-") && !argument.startsWith("@")) {
      return argument;
    }
    String name = argument.equals("-") ? "standard input" : "the file " + argument.substring(1);
    try {
      byte[] bytes = argument.equals("-") ? in.readAllBytes() : Files.readAllBytes(Path.of(argument.substring(1)));
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException | InvalidPathException e) {
      throw unreadable(name, "there is no such file", e);
    } catch (CharacterCodingException e) {
      throw unreadable(name, "it is not UTF-8 text", e);
    } catch (IOException e) {
      throw unreadable(name, e.getMessage(), e);
    }
  }

  private static RebasisException unreadable(String name, String why, Exception cause) {
    return new RebasisException(UNREADABLE, ErrorCategory.FIX_REQUEST,
        "Cannot read " + name + ": " + why + ". Give EDN text, @FILE with a readable UTF-8 file, or - for standard"
            + " input.", Map.of(), cause);
  }
}
