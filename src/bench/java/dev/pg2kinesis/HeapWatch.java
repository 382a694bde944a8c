package dev.pg2kinesis;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.concurrent.atomic.AtomicLong;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/** The most that full garbage collections left on the heap since it was last asked to start. */
final class HeapWatch {

  private static final AtomicLong MOST = new AtomicLong();

  static {
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      ((NotificationEmitter) collector)
          .addNotificationListener(
              (notification, handback) ->
                  note(
                      GarbageCollectionNotificationInfo.from(
                          (CompositeData) notification.getUserData())),
              null,
              null);
    }
  }

  private HeapWatch() {}

  private static void note(GarbageCollectionNotificationInfo info) {
    if (!info.getGcAction().equals("end of major GC")) {
      return; // a young collection leaves garbage in the old generation
    }
    long used =
        info.getGcInfo().getMemoryUsageAfterGc().entrySet().stream()
            .filter(pool -> pool.getKey().matches(".*(Eden|Survivor|Old|Tenured).*"))
            .map(java.util.Map.Entry::getValue)
            .mapToLong(MemoryUsage::getUsed)
            .sum();
    MOST.accumulateAndGet(used, Math::max);
  }

  static void start() {
    System.gc();
    MOST.set(0);
  }

  static long mostMegabytes() {
    return MOST.get() >> 20;
  }
}
