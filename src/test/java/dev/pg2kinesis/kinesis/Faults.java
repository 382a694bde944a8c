package dev.pg2kinesis.kinesis;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** What goes wrong with {@code PutRecords}. Asked once for a call, then once for each entry. */
public interface Faults {

  /** Nothing goes wrong. */
  Faults NONE = () -> CallFault.NONE;

  /** What happens to the next call. */
  CallFault nextCall();

  /** A call that was asked for has had its effect, or none. */
  default void callEnded() {}

  /** The error code of the next entry of a call that is looked at, or null to take the entry. */
  default @Nullable String nextEntry() {
    return null;
  }

  /** One fault for each call in turn, then none. */
  static Faults script(CallFault... calls) {
    Deque<CallFault> rest = new ArrayDeque<>(Arrays.asList(calls));
    return () -> {
      synchronized (rest) {
        return rest.isEmpty() ? CallFault.NONE : rest.removeFirst();
      }
    };
  }

  /**
   * Random faults.
   *
   * @param callRate how often a call meets one of the faults
   * @param entryRate how often an entry of a call that is looked at fails
   */
  static Faults seeded(long seed, double callRate, double entryRate, CallFault... calls) {
    Random random = new Random(seed);
    return new Faults() {
      @Override
      public synchronized CallFault nextCall() {
        return random.nextDouble() < callRate
            ? calls[random.nextInt(calls.length)]
            : CallFault.NONE;
      }

      @Override
      public synchronized @Nullable String nextEntry() {
        if (random.nextDouble() >= entryRate) {
          return null;
        }
        return random.nextInt(4) == 0 ? "InternalFailure" : FakeStream.THROTTLED;
      }
    };
  }
}
