package dev.pg2kinesis.command;

import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.relay.RunReport;
import dev.pg2kinesis.slot.Slot;
import java.util.Map;

/** Learns what an invocation does, besides its result. */
public interface Observer {

  /** A command creates or drops a slot, or gives up changes. */
  void audit(Map<String, Object> line);

  /** A run reads the slot's position. */
  void position(Slot.Position position);

  /** A run ended. */
  void finished(Command.Action action, RunReport report);

  /**
   * A command failed.
   *
   * @param unhealthy whether the slot or its database is not as it should be
   */
  void failed(CodedException failure, boolean unhealthy);
}
