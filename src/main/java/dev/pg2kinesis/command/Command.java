package dev.pg2kinesis.command;

import dev.pg2kinesis.change.Lsn;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What an event asks for. It can choose what to do and never where data comes from or goes to. */
public sealed interface Command {

  /** Which command this is. */
  Action action();

  /**
   * Carries the command out.
   *
   * @return the fields of its result
   */
  Map<String, Object> run(Commands commands);

  /** The commands, with the fields that each takes. */
  enum Action {
    POLL("acceptGap"),
    DRAIN("acceptGap"),
    PEEK("limit"),
    STATUS,
    CREATE_SLOT("plugin", "failover"),
    DROP_SLOT("confirm"),
    SKIP("to"),
    SNAPSHOT("tables", "whole", "restart", "stop");

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> fields;

    Action(String... fields) {
      this.fields = List.of(fields);
    }

    List<String> fields() {
      return fields;
    }

    /** The name in events and results. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * Publishes up to the flush LSN seen at the start.
   *
   * @param acceptGap the LSN at which missing changes are accepted
   */
  record Poll(Optional<Lsn> acceptGap) implements Command {
    @Override
    public Action action() {
      return Action.POLL;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.poll(this);
    }
  }

  /**
   * Publishes until the slot is empty.
   *
   * @param acceptGap the LSN at which missing changes are accepted
   */
  record Drain(Optional<Lsn> acceptGap) implements Command {
    @Override
    public Action action() {
      return Action.DRAIN;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.drain(this);
    }
  }

  /**
   * Shows the next records and moves nothing.
   *
   * @param limit how many records to show
   */
  record Peek(int limit) implements Command {
    public static final int DEFAULT_LIMIT = 10;
    static final int MAX_LIMIT = 1000;

    @Override
    public Action action() {
      return Action.PEEK;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.peek(this);
    }
  }

  /** Asks how everything is. */
  record Status() implements Command {
    @Override
    public Action action() {
      return Action.STATUS;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.status();
    }
  }

  /**
   * Creates the slot.
   *
   * @param plugin its output plugin
   * @param failover whether standbys keep a copy of the slot (PostgreSQL 17 and newer)
   */
  record CreateSlot(Optional<String> plugin, Optional<Boolean> failover) implements Command {
    @Override
    public Action action() {
      return Action.CREATE_SLOT;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.createSlot(this);
    }
  }

  /**
   * Drops the slot.
   *
   * @param confirm the slot's name again; empty if it was not given
   */
  record DropSlot(String confirm) implements Command {
    @Override
    public Action action() {
      return Action.DROP_SLOT;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.dropSlot(this);
    }
  }

  /**
   * Starts or stops loading what tables already hold.
   *
   * @param tables psql patterns; empty to go on with what was started
   * @param whole whether tables without a key are wanted too
   * @param restart whether tables that are being loaded start at the beginning
   * @param stop whether loading ends
   */
  record Snapshot(List<String> tables, boolean whole, boolean restart, boolean stop)
      implements Command {
    @Override
    public Action action() {
      return Action.SNAPSHOT;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.snapshot(this);
    }
  }

  /**
   * Moves the slot over one transaction without publishing it.
   *
   * @param to the transaction's commit LSN
   */
  record Skip(Lsn to) implements Command {
    @Override
    public Action action() {
      return Action.SKIP;
    }

    @Override
    public Map<String, Object> run(Commands commands) {
      return commands.skip(this);
    }
  }
}
