package dev.pg2kinesis.chaos;

import dev.pg2kinesis.aws.AwsClients;
import dev.pg2kinesis.aws.VersionedParameter;
import dev.pg2kinesis.change.Lsn;
import dev.pg2kinesis.command.Version;
import dev.pg2kinesis.decode.RawRow;
import dev.pg2kinesis.error.CodedException;
import dev.pg2kinesis.format.ChangeFilter;
import dev.pg2kinesis.format.FormatContext;
import dev.pg2kinesis.format.Oversize;
import dev.pg2kinesis.format.RecordMaker;
import dev.pg2kinesis.format.StreamRecord;
import dev.pg2kinesis.publish.Publisher;
import dev.pg2kinesis.publish.PublisherConfiguration;
import dev.pg2kinesis.publish.kinesis.KinesisPublisher;
import dev.pg2kinesis.publish.kinesis.KinesisStream;
import dev.pg2kinesis.publish.kinesis.StreamAddress;
import dev.pg2kinesis.relay.Deadline;
import dev.pg2kinesis.relay.ForwardingPeek;
import dev.pg2kinesis.relay.LockFence;
import dev.pg2kinesis.relay.RelayBuilder;
import dev.pg2kinesis.slot.Database;
import dev.pg2kinesis.slot.ForwardingSlot;
import dev.pg2kinesis.slot.PostgresSlot;
import dev.pg2kinesis.slot.Slot;
import dev.pg2kinesis.watermark.ParameterWatermark;
import dev.pg2kinesis.watermark.ResumePoint;
import dev.pg2kinesis.watermark.Watermark;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The product's parts, put together as {@code Commands} does it, with a flaw between two. */
final class BrokenFunction implements Function {

  private static final long RESERVE_MILLIS = 500;

  private final Flaw flaw;
  private final World world;
  private final Plan plan;
  private final Gate gate;
  private final Map<String, String> environment;
  private final AwsClients aws = new AwsClients();
  private final KinesisStream stream;

  /** The spool of a warm process, which nobody empties. */
  private final List<RawRow> leftOver = new ArrayList<>();

  BrokenFunction(Flaw flaw, World world, Plan plan, Gate gate, Map<String, String> environment) {
    this.flaw = flaw;
    this.world = world;
    this.plan = plan;
    this.gate = gate;
    this.environment = environment;
    this.stream = KinesisStream.at(new StreamAddress(gate.name));
  }

  @Override
  public Gate gate() {
    return gate;
  }

  private String setting(String name) {
    return environment.getOrDefault(name, "");
  }

  @Override
  public String poll(long limitMillis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    LongSupplier left =
        flaw == Flaw.NO_DEADLINE
            ? () -> 300_000
            : () -> TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    Database database =
        new Database(
            setting("PGHOST"),
            gate.database.port(),
            setting("PGDATABASE"),
            setting("PGUSER"),
            setting("PGPASSWORD"),
            setting("PGSSLMODE"),
            null,
            null);
    try (Slot slot =
        slot(
            PostgresSlot.open(
                database,
                setting("SLOT_NAME"),
                List.of(setting("PUBLICATION_NAMES").split(",")),
                2,
                Duration.ofMillis(limitMillis)))) {
      return poll(slot, left);
    } catch (CodedException e) {
      return InProcess.code(e);
    }
  }

  private String poll(Slot slot, LongSupplier left) {
    LockFence fence =
        new LockFence(slot, new Deadline(left, Duration.ofMillis(50)), InstantSource.system());
    PublisherConfiguration configuration =
        PublisherConfiguration.defaults()
            .withOrdering(plan.setup().ordering())
            .withPacking(plan.setup().packing());
    try (Publisher publisher =
        flaw == Flaw.RESEND_ONLY_REFUSED
            ? new NaivePublisher(world.kinesis.client(), gate.name)
            : publisher(KinesisPublisher.open(stream, configuration, fence))) {
      Watermark watermark = watermark(slot);
      return RelayBuilder.over(advancing(slot, watermark), publisher)
          .records(records(slot))
          .watermark(watermark)
          .window(plan.setup().windowRows(), 1 << 28)
          .spillingInto(world.temporary)
          .deadline(left, RESERVE_MILLIS)
          .fence(fence)
          .poll()
          .outcome()
          .name();
    }
  }

  private RecordMaker records(Slot slot) {
    return new RecordMaker(
        new RecordMaker.Plan(
            plan.setup()
                .format()
                .formatter(
                    new FormatContext(
                        setting("PGDATABASE"),
                        setting("SLOT_NAME"),
                        Version.CURRENT,
                        slot.plugin().isWal2Json())),
            plan.setup().partitionKey(),
            ChangeFilter.ALL,
            Oversize.FAIL,
            1 << 20,
            setting("SLOT_NAME")));
  }

  private Slot slot(Slot slot) {
    return switch (flaw) {
      case WRITE_LSN -> new UnflushedSlot(slot, setting("PGDATABASE"));
      case SPOOL_REUSED -> new ReusingSlot(slot);
      default -> slot;
    };
  }

  /** Takes the write LSN for the flush LSN. */
  private final class UnflushedSlot extends ForwardingSlot {
    private final Admin admin;

    UnflushedSlot(Slot slot, String database) {
      super(slot);
      this.admin = new Admin(world.servers.of(plan.setup().major()), database);
    }

    @Override
    public Position position() {
      Position position = super.position();
      return new Position(
          position.confirmed(),
          position.restart(),
          Lsn.parse(admin.query("SELECT pg_current_wal_lsn()")),
          position.walStatus());
    }

    /** Meanwhile the server flushes, as it does again and again. */
    @Override
    public void advance(Lsn to) {
      admin.query("CHECKPOINT");
      super.advance(to);
    }

    @Override
    public void close() {
      admin.close();
      super.close();
    }
  }

  /** Hands out the rows of the peek before, if that failed. */
  private final class ReusingSlot extends ForwardingSlot {
    ReusingSlot(Slot slot) {
      super(slot);
    }

    @Override
    public Peek peek(Lsn upTo, long rows, Duration timeout) {
      List<RawRow> again = List.copyOf(leftOver);
      return new ForwardingPeek(super.peek(upTo, rows, timeout)) {
        private int next;

        @Override
        public @Nullable RawRow next() {
          RawRow row = next < again.size() ? again.get(next++) : super.next();
          if (row == null) {
            leftOver.clear();
          } else {
            leftOver.add(row);
          }
          return row;
        }
      };
    }
  }

  private Publisher publisher(Publisher real) {
    return flaw == Flaw.ADVANCE_BEFORE_PUBLISH ? new HastyPublisher(real) : real;
  }

  /** Says of everything that it is acknowledged, and sends it only when it is closed. */
  private static final class HastyPublisher implements Publisher {
    private final Publisher real;
    private final List<StreamRecord> taken = new ArrayList<>();

    HastyPublisher(Publisher real) {
      this.real = real;
    }

    @Override
    public void publish(StreamRecord streamRecord) {
      taken.add(streamRecord);
    }

    @Override
    public void flush() {}

    @Override
    public long acknowledged() {
      return taken.size();
    }

    @Override
    public Totals totals() {
      return real.totals();
    }

    @Override
    public void close() {
      try (real) {
        taken.forEach(real::publish);
        real.flush();
      } catch (CodedException e) {
        // the slot is further already
      }
    }
  }

  private Watermark watermark(Slot slot) {
    if (!plan.setup().watermark()) {
      return Watermark.NONE;
    }
    Watermark real =
        ParameterWatermark.open(
            new VersionedParameter(setting("WATERMARK_PARAMETER"), aws),
            slot,
            setting("SLOT_NAME"),
            setting("PUBLICATION_NAMES"),
            null,
            gap -> {});
    return flaw == Flaw.WATERMARK_AFTER_ADVANCE ? new LateWatermark(real) : real;
  }

  /** Keeps what it is told until the slot has advanced. */
  private static final class LateWatermark implements Watermark {
    private final Watermark real;
    private @Nullable Lsn to;
    private @Nullable Lsn published;

    LateWatermark(Watermark real) {
      this.real = real;
    }

    @Override
    public @Nullable ResumePoint resumePoint() {
      return real.resumePoint();
    }

    @Override
    public void beforeAdvance(Lsn newTo, @Nullable Lsn lastPublished) {
      to = newTo;
      published = lastPublished;
    }

    void afterAdvance() {
      Lsn told = to;
      if (told != null) {
        real.beforeAdvance(told, published);
      }
    }

    @Override
    public boolean saveResumePoint(ResumePoint point) {
      return real.saveResumePoint(point);
    }
  }

  private static Slot advancing(Slot slot, Watermark watermark) {
    if (!(watermark instanceof LateWatermark late)) {
      return slot;
    }
    return new ForwardingSlot(slot) {
      @Override
      public void advance(Lsn to) {
        super.advance(to);
        late.afterAdvance();
      }
    };
  }

  @Override
  public void close() {
    stream.close();
    aws.close();
    gate.close();
  }
}
