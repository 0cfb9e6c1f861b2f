package dev.rebasis.simulations.inside;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * On a test class that looks at its whole process, as {@link InsideCheck} does: no other runs beside it in its JVM. Maven runs all of
 * these in two JVMs of their own, one class at a time in each, so that no processor idles meanwhile.
 */
@Documented
@Inherited
@Isolated
@Tag(Alone.TAG)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Alone {
  /** By this the build finds them. */
  String TAG = "alone";
}
