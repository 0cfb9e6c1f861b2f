package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;

/** Ends the reading of one form. Never leaves the module; carries no stack trace, since it is no fault of the code. */
final class Unfit extends RuntimeException {
  private final transient Problem problem;

  Unfit(Problem problem) {
    super(problem.message(), null, false, false);
    this.problem = problem;
  }

  static Unfit reject(Keyword code, String message, Object... data) {
    return new Unfit(Problem.reject(code, message, data));
  }

  Problem problem() {
    return problem;
  }
}
