package dev.rebasis.simulations.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What lets a child JVM start with classes that Java has loaded and archived before, instead of reading and verifying them anew. Java
 * ignores an archive that does not fit it, its options or its class path.
 *
 * @param options of the JVM
 * @param classPath of the JVM; begins with what the archive was made for
 */
record ClassArchive(List<String> options, String classPath) {
  /** Names a folder with an archive, {@code classes.jsa}, and the class path that it was made for, {@code classpath}. The build's tests set it. */
  static final String PROPERTY = "rebasis.class.archive";

  /** The archive that the system property names, if it is there and fits; else what makes no difference. */
  static ClassArchive ofThisProcess(String classPath) {
    String folder = System.getProperty(PROPERTY);
    return folder == null || !Files.exists(Path.of(folder, "classpath")) ? new ClassArchive(List.of(), classPath) : in(Path.of(folder), classPath);
  }

  private static ClassArchive in(Path folder, String classPath) {
    try {
      // What Java says of an archive that does not fit goes to standard output, which is read.
      return new ClassArchive(List.of("-XX:SharedArchiveFile=" + folder.resolve("classes.jsa"), "-Xlog:disable", "-Xlog:all=error:stderr"),
          Files.readString(folder.resolve("classpath")).strip() + System.getProperty("path.separator") + classPath);
    } catch (IOException e) {
      throw new ProcessException("Cannot read what the archive of classes in " + folder + " is for", e);
    }
  }
}
