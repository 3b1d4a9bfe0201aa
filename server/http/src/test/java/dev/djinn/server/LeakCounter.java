package dev.djinn.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Netty's leak detector, remembering what it finds; the module's tests run under it. */
public final class LeakCounter<T> extends ResourceLeakDetector<T> {

  private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();

  /** Called by Netty. */
  public LeakCounter(Class<?> resourceType, int samplingInterval, long maxActive) {
    super(resourceType, samplingInterval);
  }

  /** Called by Netty. */
  public LeakCounter(Class<?> resourceType, int samplingInterval) {
    super(resourceType, samplingInterval);
  }

  /** {@return what has been leaked since the JVM started} */
  static Queue<String> leaks() {
    for (int i = 0; i < 5; i++) {
      System.gc();
      System.runFinalization();
      // A leak is reported when the next buffer is made.
      for (int j = 0; j < 100; j++) {
        ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer();
        buffer.release();
      }
    }
    return LEAKS;
  }

  @Override
  protected void reportTracedLeak(String resourceType, String records) {
    LEAKS.add(resourceType + records);
  }

  @Override
  protected void reportUntracedLeak(String resourceType) {
    LEAKS.add(resourceType);
  }
}
