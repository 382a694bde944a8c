package dev.pg2kinesis.chaos;

import dev.pg2kinesis.chaos.AwsStores.Call;
import dev.pg2kinesis.chaos.AwsStores.Fate;
import dev.pg2kinesis.kinesis.CallFault;
import dev.pg2kinesis.kinesis.Faults;
import dev.pg2kinesis.postgres.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Everything through which a process has an effect: its connections to the database, its calls of
 * Kinesis, of Parameter Store and of Secrets Manager. A process whose gate is closed is as good as
 * killed: nothing that it still does reaches anything, and its sessions end.
 */
final class Gate implements AutoCloseable {

  /** The name in the stream's and the parameter's names. */
  final String name;

  final Doorway database;

  private final AtomicInteger callsUnderWay = new AtomicInteger();
  private volatile boolean closed;
  private volatile @Nullable Faults kinesis;
  private volatile AwsStores.@Nullable Fates stores;
  private volatile Runnable onKill = () -> {};

  Gate(String name, int databasePort) {
    this.name = name;
    this.database = Doorway.to(databasePort);
  }

  /** What a kill does beyond closing the gate. */
  void onKill(Runnable action) {
    onKill = action;
  }

  /** What calls meet in this invocation; null for nothing. */
  void set(@Nullable Faults newKinesis, AwsStores.@Nullable Fates newStores) {
    kinesis = newKinesis;
    stores = newStores;
  }

  boolean closed() {
    return closed;
  }

  /** The process dies now. */
  void kill() {
    closed = true;
    onKill.run();
    database.sever();
  }

  /** A new process takes the place of the dead one. */
  void reopen() {
    database.reopen();
    closed = false;
  }

  /** Waits until no call of Kinesis is under way whose effect could come later. */
  void awaitCalls() {
    PostgresServer.await(() -> callsUnderWay.get() == 0);
  }

  /** What its calls of Kinesis meet. */
  Faults faults() {
    return new Faults() {
      @Override
      public CallFault nextCall() {
        callsUnderWay.incrementAndGet();
        if (closed) {
          return CallFault.hangUp();
        }
        Faults asked = kinesis;
        CallFault fault = asked == null ? CallFault.NONE : asked.nextCall();
        return closed && fault.equals(CallFault.NONE) ? CallFault.hangUp() : fault;
      }

      @Override
      public void callEnded() {
        callsUnderWay.decrementAndGet();
      }

      @Override
      public @Nullable String nextEntry() {
        Faults asked = kinesis;
        return asked == null ? null : asked.nextEntry();
      }
    };
  }

  /** What its calls of Parameter Store and Secrets Manager meet. */
  Fate fate(Call call) {
    if (closed) {
      return Fate.NOTHING;
    }
    AwsStores.Fates asked = stores;
    Fate fate = asked == null ? Fate.FINE : asked.of(call);
    return closed && fate == Fate.FINE ? Fate.NOTHING : fate;
  }

  @Override
  public void close() {
    database.close();
  }
}
