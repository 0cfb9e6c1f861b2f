package dev.rebasis.client.internal.query;

/** Stands behind another step, and gives the evaluation up when that is asked for. Confined to one evaluation. */
final class StopStep extends Step {
  private final StopLook look;

  StopStep(StopLook look) {
    this.look = look;
  }

  @Override
  Step ignoringCounters() {
    return next().ignoringCounters();
  }

  @Override
  boolean run(Object[] frame) {
    look.step();
    return pass(frame);
  }
}
