package dev.djinn.server.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * What SIGTERM and SIGINT do. A shutdown hook would not serve: the JVM then exits with 143 or 130
 * whatever the hook does, and a clean stop should look clean to a supervisor. So the signal itself
 * is handled, the server closed, and the program ends by returning.
 *
 * <p>{@code sun.misc.Signal} is the JDK's only door to signals. It is in the module jdk.unsupported
 * that every JDK has, but not in the API that the compiler lets us see, hence the reflection.
 */
final class Termination {

  private Termination() {}

  /**
   * Runs a task, on another thread, when the process is asked to end; a second request ends it at
   * once.
   */
  static void onSignal(Runnable task) {
    for (String name : new String[] {"TERM", "INT"}) {
      try {
        handle(name, task);
      } catch (ReflectiveOperationException | IllegalArgumentException e) {
        // A platform without the signal, or without the class: its own way of ending a process
        // stays.
        System.getLogger(Termination.class.getName())
            .log(System.Logger.Level.DEBUG, "no handler for " + name, e);
      }
    }
  }

  private static void handle(String name, Runnable task) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    Object instance = signal.getConstructor(String.class).newInstance(name);
    Object byDefault = handler.getField("SIG_DFL").get(null);
    Object ours =
        Proxy.newProxyInstance(
            handler.getClassLoader(),
            new Class<?>[] {handler},
            (proxy, method, arguments) -> {
              switch (method.getName()) {
                case "handle" -> {
                  signal.getMethod("handle", signal, handler).invoke(null, instance, byDefault);
                  task.run();
                  return null;
                }
                case "equals" -> {
                  return proxy == arguments[0];
                }
                case "hashCode" -> {
                  return System.identityHashCode(proxy);
                }
                default -> {
                  return "Termination";
                }
              }
            });
    try {
      signal.getMethod("handle", signal, handler).invoke(null, instance, ours);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(e.getCause());
    }
  }
}
