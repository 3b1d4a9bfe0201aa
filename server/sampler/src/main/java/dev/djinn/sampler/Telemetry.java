package dev.djinn.sampler;

import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps ONNX Runtime from reporting its use. Its builds for Linux and macOS write an identifier of
 * the device into the user's cache folder and send what they run to their maker, unless {@value
 * #VARIABLE} is in the process's environment when they are loaded.
 *
 * <p>{@code scripts/djinn} sets it. Elsewhere a JVM cannot change its own environment but through
 * C, which Java calls without help from 22 on, so before that the user has to.
 */
final class Telemetry {
  /** Set to 1, nothing is written or sent. */
  static final String VARIABLE = "ORT_DISABLE_TELEMETRY";

  private static final Logger LOG = LoggerFactory.getLogger(Telemetry.class);
  private static boolean done;

  private Telemetry() {}

  /** Turns the reports off, unless the environment says something about them. */
  static synchronized void turnOff() {
    if (done || decided() || System.getProperty("os.name").startsWith("Windows")) {
      return;
    }
    done = true;
    try {
      setVariable();
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      String notice =
          "ONNX Runtime reports its use to its maker; to prevent that, start this process with "
              + VARIABLE
              + "=1 in its environment, which Java "
              + Runtime.version().feature()
              + " cannot do itself";
      if (LOG.isWarnEnabled()) {
        LOG.warn(notice);
      } else {
        System.err.println(notice); // Nobody is to be reported on unnoticed.
      }
    }
  }

  /** {@return whether the environment says whether to report} */
  static boolean decided() {
    return System.getenv(VARIABLE) != null;
  }

  /**
   * Calls C's setenv through java.lang.foreign. By reflection, for this is compiled for Java 17:
   * Linker.nativeLinker().downcallHandle(setenv, int (address, address, int)).
   */
  private static void setVariable() throws ReflectiveOperationException {
    String foreign = "java.lang.foreign.";
    Class<?> linkerType = Class.forName(foreign + "Linker");
    Class<?> layoutType = Class.forName(foreign + "MemoryLayout");
    Class<?> segmentType = Class.forName(foreign + "MemorySegment");
    Class<?> descriptorType = Class.forName(foreign + "FunctionDescriptor");
    Class<?> arenaType = Class.forName(foreign + "Arena");
    Class<?> values = Class.forName(foreign + "ValueLayout");
    Class<?> optionType = Class.forName(foreign + "Linker$Option");

    Object linker = linkerType.getMethod("nativeLinker").invoke(null);
    Object lookup = linkerType.getMethod("defaultLookup").invoke(linker);
    Method find = Class.forName(foreign + "SymbolLookup").getMethod("find", String.class);
    Object function = ((Optional<?>) find.invoke(lookup, "setenv")).orElseThrow();

    Object address = values.getField("ADDRESS").get(null);
    Object integer = values.getField("JAVA_INT").get(null);
    Object arguments = Array.newInstance(layoutType, 3);
    Array.set(arguments, 0, address);
    Array.set(arguments, 1, address);
    Array.set(arguments, 2, integer);
    Object descriptor =
        descriptorType
            .getMethod("of", layoutType, arguments.getClass())
            .invoke(null, integer, arguments);
    Object options = Array.newInstance(optionType, 0);
    MethodHandle setenv =
        (MethodHandle)
            linkerType
                .getMethod("downcallHandle", segmentType, descriptorType, options.getClass())
                .invoke(linker, function, descriptor, options);

    Object arena = arenaType.getMethod("ofConfined").invoke(null);
    try {
      Method string =
          Class.forName(foreign + "SegmentAllocator").getMethod("allocateFrom", String.class);
      int overwrite = 1;
      Object result =
          setenv.invokeWithArguments(
              string.invoke(arena, VARIABLE), string.invoke(arena, "1"), overwrite);
      if (!Integer.valueOf(0).equals(result)) {
        throw new IllegalStateException("setenv gave " + result);
      }
    } catch (ReflectiveOperationException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e); // a method handle may throw anything
    } finally {
      arenaType.getMethod("close").invoke(arena);
    }
  }
}
