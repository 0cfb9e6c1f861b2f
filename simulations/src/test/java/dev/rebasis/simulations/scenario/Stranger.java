package dev.rebasis.simulations.scenario;

import dev.rebasis.simulations.world.RawLink;
import dev.rebasis.simulations.world.World;
import dev.rebasis.protocol.Message;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** A program that is no Rebasis client, or an old one. Confined. */
final class Stranger {
  private final World world;

  Stranger(World world) {
    this.world = world;
  }

  /** {@code stranger version 0} or {@code stranger bytes text}: sends it and shows what comes back. */
  List<String> run(Words words) {
    RawLink link = new RawLink(world, "stranger");
    String what = words.next();
    if (what.equals("version")) {
      link.send(new Message.Hello(
          Integer.parseInt(words.next()), Set.of(), new UUID(0, 1), 0, null, 0, 1000));
    } else {
      link.sendBytes(words.rest().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return link.answers().stream().map(answer -> answer instanceof Message.Failed failed
        ? "error " + failed.code() + " " + Printer.message(failed.message()) : answer.type()).toList();
  }
}
