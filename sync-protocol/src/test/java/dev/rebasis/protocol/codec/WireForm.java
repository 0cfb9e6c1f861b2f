package dev.rebasis.protocol.codec;

/** Lets tests of other packages see the tags. */
public final class WireForm {
  private WireForm() {}

  /** All tags in one text. */
  public static String tags() {
    return WireTags.ALL;
  }
}
